package io.multisqs.internal;

import io.multisqs.FailureAction;
import io.multisqs.RetryPolicy;
import io.multisqs.TransientException;
import io.multisqs.YieldException;
import java.util.Objects;

/** Asks the retry policy what becomes of a message whose handler threw (I11). */
final class Failures {
  private static final Log log = Log.of("io.multisqs.Failures");

  private final DeadLetters deadLetters;

  Failures(DeadLetters deadLetters) {
    this.deadLetters = deadLetters;
  }

  /**
   * Decides, on the handler's thread. A message for the dead-letter queue is sent there before this
   * returns.
   */
  FailureAction decide(Delivery delivery, Throwable failure) {
    FailureAction action = asked(delivery, failure);
    return action instanceof FailureAction.DeadLetter ? deadLettered(delivery, failure) : action;
  }

  /** The policy's answer, but for what is always retried, and for a policy that fails itself. */
  private FailureAction asked(Delivery delivery, Throwable failure) {
    if (failure instanceof TransientException t && t.retryAfter().isPresent()) {
      return new FailureAction.RetryAfter(t.retryAfter().get());
    }
    if (failure instanceof YieldException) {
      return RetryPolicy.DEFAULT.onFailure(failure, delivery.message);
    }
    FailureAction action;
    try {
      action =
          Objects.requireNonNull(
              delivery.lane.config.retry().onFailure(failure, delivery.message),
              "the retry policy's answer");
    } catch (Throwable e) {
      if (delivery.lane.failureLog.isNew("retry policy " + e.getClass())) {
        log.error(
            "the retry policy of {} threw; its messages are retried with the default backoff;"
                + " logged once",
            delivery.lane,
            e);
      }
      return RetryPolicy.DEFAULT.onFailure(failure, delivery.message);
    }
    boolean retries =
        action instanceof FailureAction.RetryAfter
            || action instanceof FailureAction.LeaveToTimeout;
    return failure instanceof TransientException && !retries
        ? RetryPolicy.DEFAULT.onFailure(failure, delivery.message)
        : action;
  }

  private FailureAction deadLettered(Delivery delivery, Throwable failure) {
    try {
      deadLetters.send(delivery, failure);
      return new FailureAction.DeadLetter();
    } catch (Throwable e) {
      FailureAction retry = RetryPolicy.DEFAULT.onFailure(failure, delivery.message);
      if (delivery.lane.failureLog.isNew("dead letter " + e.getClass().getName())) {
        log.error(
            "{} was to go to the dead-letter queue, which failed; it is retried instead, as will be"
                + " those after it; logged once for its kind",
            delivery.message,
            e);
      }
      return retry;
    }
  }

  /** The first of a kind with its trace; the others counted, each with its trace at DEBUG. */
  static void report(Delivery delivery, Throwable failure, FailureAction action) {
    Lane lane = delivery.lane;
    String text = "handler of {} failed on receive {} of message {}, " + whatNext(action);
    Object[] about = {lane, delivery.message.receiveCount(), delivery.id(), failure};
    if (failure instanceof HandlerLimits.LimitPassed) {
      log.debug(text, about); // It was told of, and counted, when it passed its limit.
      return;
    }
    String kind = FailureLog.kind(failure);
    long count = lane.handlerFailureLog.count(kind);
    if (count != FailureLog.NEW) {
      log.debug(text, about);
      if (count > 0) {
        log.warn("handler of {} failed {} more times, the last time with {}", lane, count, kind);
      }
      return;
    }
    text += "; others of its kind are counted, and logged at DEBUG";
    if (failure instanceof Error && !(failure instanceof AssertionError)) {
      log.error(text, about);
    } else {
      log.warn(text, about);
    }
  }

  private static String whatNext(FailureAction action) {
    if (action instanceof FailureAction.RetryAfter retry) {
      return "retried in " + Lease.wholeSeconds(retry.delay()) + " s";
    }
    if (action instanceof FailureAction.LeaveToTimeout) {
      return "retried when its visibility timeout runs out";
    }
    return action instanceof FailureAction.Discard
        ? "deleted, as the retry policy says"
        : "sent to the dead-letter queue and deleted";
  }
}
