package io.multisqs;

/**
 * A policy of this library's, which says whether it may send to the dead-letter queue.
 *
 * @param decides what it does
 * @param mayDeadLetter whether that may be to dead-letter
 */
record KnownPolicy(RetryPolicy decides, boolean mayDeadLetter) implements RetryPolicy {
  @Override
  public FailureAction onFailure(Throwable failure, ReceivedMessage message) {
    return decides.onFailure(failure, message);
  }
}
