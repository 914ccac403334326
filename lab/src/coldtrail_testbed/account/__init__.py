"""The account around an application: its people, its pipeline, their networks, and who attacks it there."""
