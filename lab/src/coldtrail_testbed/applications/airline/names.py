"""What the airline's tables, buckets and other resources are called."""

BOOKING_TABLE = "Booking"
FLIGHT_TABLE = "Flight"
LOYALTY_TABLE = "LoyaltyData"
CONFIGURATION_TABLE = "Configuration"
# The payment provider's own.
PAYMENT_TABLE = "Payment"

BOOKINGS_BY_CUSTOMER = "customer-createdAt"
BOOKINGS_BY_STATUS = "status-createdAt"
PAYMENTS_BY_STATUS = "status-createdAt"
LOYALTY_BY_CUSTOMER = "customer-flag"

ASSETS_BUCKET = "public-airline-assets"
AUDIT_BUCKET = "airline-payment-audit"
REPORT_BUCKET = "airline-payment-reports"
EXPORT_BUCKET = "airline-loyalty-exports"

BOOKING_TOPIC = "BookingTopic"
DEAD_LETTER_QUEUE = "BookingDLQ"
PROCESS_BOOKING = "ProcessBooking"
PAYMENTS_API = "payments"
PROVIDER_PARAMETER = "/payments/provider"
# Held for settling with the provider once a month, by hand: no function reads it.
PROVIDER_SECRET = "airline/payment-provider-key"  # noqa: S105 - its name
