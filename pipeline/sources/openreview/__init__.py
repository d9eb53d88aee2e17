"""OpenReview: forums, reviews, the dynamics of a discussion, venues and their marks."""
