package io.multisqs.broadcast;

/** The queue is another one's by now. */
final class TakenOver extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TakenOver() {
    super("taken over by another process of the same instance name", null, false, false);
  }
}
