"""How long data is kept, and how it ends: retention, holds, and erasure by a plan."""
