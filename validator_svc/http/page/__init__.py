"""The page at `/`: its assets, all of them in `assets`; nothing is made of anything before it is served."""
