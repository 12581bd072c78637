package io.multisqs;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Decides what becomes of a message whose handler threw. A setting of each queue, as the systems
 * that share a listener need not agree on what an exception means.
 *
 * <p>{@link TransientException} always means retry: when a policy would discard or dead-letter it,
 * the message is retried with the default backoff instead. A policy that itself throws is logged,
 * and the message retried with the default backoff.
 *
 * <p>Called on the handler's thread; must be safe for use by as many threads as there are slots.
 */
@FunctionalInterface
public interface RetryPolicy {

  /**
   * The longest visibility timeout that SQS knows: 12 h (API reference, ChangeMessageVisibility).
   */
  Duration MAX_DELAY = Duration.ofHours(12);

  /**
   * The first delay of the default policy: short enough for a blip, long enough not to loop hot.
   */
  Duration DEFAULT_FIRST_DELAY = Duration.ofSeconds(2);

  /** The longest delay of the default policy. */
  Duration DEFAULT_MAX_DELAY = Duration.ofMinutes(5);

  /** The default: {@code exponential(2 s, 5 min)}. */
  RetryPolicy DEFAULT = exponential(DEFAULT_FIRST_DELAY, DEFAULT_MAX_DELAY);

  /**
   * Decides.
   *
   * @param failure what the handler threw
   * @param message the message; its receive count says which try this was
   * @return what becomes of the message
   */
  FailureAction onFailure(Throwable failure, ReceivedMessage message);

  /**
   * Whether this policy may send a message to the dead-letter queue. A queue whose policy says so
   * and which has no dead-letter queue refuses the start. {@link #deadLetter()} and what is made of
   * it say so; a policy of your own that does the same had better.
   *
   * @return false unless overridden
   */
  default boolean mayDeadLetter() {
    return false;
  }

  /**
   * Doubles the delay with each receive, and takes a random part of up to half of it off, so that
   * messages that failed together do not come back together.
   *
   * @param first the delay after the first receive, 1 ms … 12 h
   * @param max the longest delay, {@code first} … 12 h
   * @return the policy
   */
  static RetryPolicy exponential(Duration first, Duration max) {
    Check.between("first delay", first, Duration.ofMillis(1), MAX_DELAY);
    Check.between("longest delay", max, first, MAX_DELAY);
    return (failure, message) -> {
      int doublings = Math.min(40, Math.max(0, message.receiveCount() - 1));
      long full =
          (long) Math.min((double) max.toMillis(), (double) first.toMillis() * (1L << doublings));
      long half = full / 2;
      return new FailureAction.RetryAfter(
          Duration.ofMillis(half + ThreadLocalRandom.current().nextLong(full - half + 1)));
    };
  }

  /**
   * The same delay every time.
   *
   * @param delay 0 s … 12 h
   * @return the policy
   */
  static RetryPolicy fixed(Duration delay) {
    FailureAction action = new FailureAction.RetryAfter(delay);
    return (failure, message) -> action;
  }

  /**
   * A delay for each receive; the last one for all that follow.
   *
   * @param delays the delay after the first, second, … receive; at least one
   * @return the policy
   */
  static RetryPolicy byReceiveCount(Duration... delays) {
    if (delays.length == 0) {
      throw Check.refused("delays", "must have at least one", "none");
    }
    List<FailureAction> actions =
        java.util.Arrays.stream(delays).<FailureAction>map(FailureAction.RetryAfter::new).toList();
    return (failure, message) ->
        actions.get(Math.min(actions.size(), Math.max(1, message.receiveCount())) - 1);
  }

  /**
   * Back at once: visibility 0. Loops hot while the cause lasts.
   *
   * @return the policy
   */
  static RetryPolicy atOnce() {
    return fixed(Duration.ZERO);
  }

  /**
   * No call: the message comes back when its visibility timeout runs out.
   *
   * @return the policy
   */
  static RetryPolicy whenVisibilityTimeoutRunsOut() {
    FailureAction action = new FailureAction.LeaveToTimeout();
    return (failure, message) -> action;
  }

  /**
   * Deletes what failed.
   *
   * @return the policy
   */
  static RetryPolicy discard() {
    FailureAction action = new FailureAction.Discard();
    return (failure, message) -> action;
  }

  /**
   * Sends what failed to the queue's dead-letter queue now. A queue without one refuses the start.
   * Its redrive policy is read again at the first failure, and then every five minutes at most.
   *
   * @return the policy
   */
  static RetryPolicy deadLetter() {
    FailureAction action = new FailureAction.DeadLetter();
    return new KnownPolicy((failure, message) -> action, true);
  }

  /**
   * Another policy for some exceptions. The call added last is asked first.
   *
   * @param type the exceptions, subclasses included
   * @param policy what decides for them
   * @return this policy with the exception to it
   */
  default RetryPolicy on(Class<? extends Throwable> type, RetryPolicy policy) {
    return new KnownPolicy(
        (failure, message) ->
            (type.isInstance(failure) ? policy : this).onFailure(failure, message),
        mayDeadLetter() || policy.mayDeadLetter());
  }

  /**
   * Another policy from some receive on, for instance {@code exponential(…).fromReceive(5,
   * deadLetter())}.
   *
   * @param receiveCount the first receive for which {@code policy} decides, at least 1
   * @param policy what decides from then on
   * @return this policy, up to that receive
   */
  default RetryPolicy fromReceive(int receiveCount, RetryPolicy policy) {
    Check.between("receive count", receiveCount, 1, 1000);
    return new KnownPolicy(
        (failure, message) ->
            (message.receiveCount() >= receiveCount ? policy : this).onFailure(failure, message),
        mayDeadLetter() || policy.mayDeadLetter());
  }
}
