"""The author's own channel, from an export of Telegram Desktop."""
