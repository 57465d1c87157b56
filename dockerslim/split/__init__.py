"""What the rewrites of a stage's structure share: order, purpose, what runs, the choice of image, moving."""
