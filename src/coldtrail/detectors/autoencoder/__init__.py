"""The published detector of Lavi et al. (2024): LSTM autoencoders over windows of a flow's steps."""

from coldtrail.detectors.autoencoder.detector import Autoencoder, BudgetedAutoencoder, PaperAutoencoder
from coldtrail.detectors.autoencoder.recipe import DEFAULT, FAITHFUL, Recipe

__all__ = ["DEFAULT", "FAITHFUL", "Autoencoder", "BudgetedAutoencoder", "PaperAutoencoder", "Recipe"]
