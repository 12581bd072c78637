package io.multisqs.internal;

/** How a delivery ended; the columns of the stop's account. */
enum Outcome {
  HANDLED,
  RETRIED,
  DISCARDED,
  DEAD_LETTERED,
  RELEASED,
  LEASE_LOST,
  UNCONFIRMED,
  /** A copy of a message that was handled here before; not a message of its own. */
  DELETED_AGAIN
}
