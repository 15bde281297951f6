//! The edge: translates between Cloudflare and the domain.
