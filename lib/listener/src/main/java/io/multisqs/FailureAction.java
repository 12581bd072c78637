package io.multisqs;

import java.time.Duration;

/** What becomes of a message whose handler threw: the answer of a {@link RetryPolicy}. */
public sealed interface FailureAction {

  /**
   * The message becomes visible again after a delay.
   *
   * @param delay 0 s … 12 h; rounded up to whole seconds, as SQS counts them
   */
  record RetryAfter(Duration delay) implements FailureAction {
    /** Refuses a delay that SQS would not take. */
    public RetryAfter {
      Check.between("retry delay", delay, Duration.ZERO, RetryPolicy.MAX_DELAY);
    }
  }

  /** No call is made: the message becomes visible again when its visibility timeout runs out. */
  record LeaveToTimeout() implements FailureAction {}

  /** The message is deleted, unhandled. */
  record Discard() implements FailureAction {}

  /** The message is sent to the queue's dead-letter queue now, then deleted. */
  record DeadLetter() implements FailureAction {}
}
