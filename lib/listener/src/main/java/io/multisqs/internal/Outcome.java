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
  DELETED_AGAIN;

  /** Whether the message will not be received again, as far as this process knows. */
  boolean isFinal() {
    return switch (this) {
      case HANDLED, DISCARDED, DEAD_LETTERED, DELETED_AGAIN -> true;
      case RETRIED, RELEASED, LEASE_LOST, UNCONFIRMED -> false;
    };
  }
}
