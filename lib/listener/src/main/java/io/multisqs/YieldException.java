package io.multisqs;

/**
 * Thrown by a handler that stops early because {@link ReceivedMessage#shouldYield()} is true.
 *
 * <p>The message goes back to its place in the bus, still leased, and starts again from the
 * beginning when its turn comes: no retry is counted, no receive count grows, and no failure is
 * reported. When the listener stops first, the message is released to SQS. A message that yields
 * twice in a row though nothing was to go before it has failed: it is retried with the default
 * backoff.
 */
public class YieldException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Gives the slot to higher work. */
  public YieldException() {
    super("yielded to higher work", null, false, false);
  }
}
