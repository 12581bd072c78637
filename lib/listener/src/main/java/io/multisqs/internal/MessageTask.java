package io.multisqs.internal;

import io.multisqs.MessageHandler;
import io.multisqs.MessageInterceptor;
import io.multisqs.ReceivedMessage;
import io.multisqs.YieldException;
import java.util.List;

/**
 * One message, from its start to the moment when its slot is free again. The stages, in order:
 *
 * <ol>
 *   <li>its handler's time limit starts to count ({@link HandlerLimits})
 *   <li>the interceptors, outermost first, and the handler
 *   <li>it returned: its slot goes on with the next message, under the same lock if nobody is to be
 *       told of this one first; the delete is handed over ({@link Acknowledger})
 *   <li>or it yielded: back to its place in the bus
 *   <li>or it threw: what becomes of the message is decided ({@link Failures})
 * </ol>
 *
 * <p>Nothing that a handler throws leaves this class.
 */
final class MessageTask {
  private static final Log log = Log.of("io.multisqs.MessageTask");

  private final Board board;
  private final MessageHandler handler;
  private final List<MessageInterceptor> interceptors;
  private final HandlerLimits limits;
  private final Acknowledger acknowledger;
  private final Failures failures;
  private final Events events;

  MessageTask(
      Board board,
      MessageHandler handler,
      List<MessageInterceptor> interceptors,
      HandlerLimits limits,
      Acknowledger acknowledger,
      Failures failures,
      Events events) {
    this.board = board;
    this.handler = handler;
    this.interceptors = List.copyOf(interceptors);
    this.limits = limits;
    this.acknowledger = acknowledger;
    this.failures = failures;
    this.events = events;
  }

  /**
   * Runs it.
   *
   * @param goOn called under the board's lock when its slot has come free and may take another at
   *     once; not called where the slot is free for anybody
   */
  void run(Delivery delivery, Runnable goOn) {
    events.started(delivery.message, delivery.startedAt - delivery.arrivedAt);
    HandlerLimits.Watch watch = limits.start(delivery);
    Throwable failure = null;
    try {
      proceed(delivery, 0);
    } catch (Throwable t) {
      // Throwable on purpose: an Error of a handler costs its own message a retry, and no more.
      failure = t;
    }
    HandlerLimits.Cause interrupted = watch.end();
    if (interrupted == HandlerLimits.Cause.LIMIT) {
      // Whatever it did after the interrupt: it may have swallowed it and left its work undone.
      failure = watch.timeout(failure);
    } else if (interrupted == HandlerLimits.Cause.STOP && failure != null) {
      // No failure of its own, and none of the policy's business.
      failure = new YieldException();
    } else if (failure instanceof InterruptedException) {
      // Whoever interrupted this thread meant more than this message: the loop has to see it.
      Thread.currentThread().interrupt();
    }
    long now = board.clock.nanoTime();
    if (failure == null) {
      handled(delivery, now, goOn);
    } else if (failure instanceof YieldException yield) {
      yielded(delivery, yield, now);
    } else {
      failures.handle(delivery, failure, now);
    }
  }

  private void proceed(Delivery delivery, int depth) throws Exception {
    if (depth < interceptors.size()) {
      interceptors.get(depth).intercept(delivery.message, () -> proceed(delivery, depth + 1));
    } else {
      Lane lane = delivery.lane;
      handler.handle(lane.name(), lane.bus.name, delivery.priority, delivery.message);
    }
  }

  private void handled(Delivery delivery, long now, Runnable goOn) {
    Lane lane = delivery.lane;
    // Users may take long over what they are told: no message that was chosen waits for that.
    boolean toldFirst = events.areHeard();
    ReceivedMessage message = delivery.message; // with its body, which goes when its slot is free
    boolean breakerClosed;
    board.lock();
    try {
      breakerClosed = lane.breaker.succeeded(delivery.startedAt);
      if (breakerClosed) {
        board.receiving.pollersLookAgain(lane);
      }
      lane.counters.handled++;
      if (lane.handlerFailureLog.succeeded()) {
        board.later(() -> log.info("handlers of {} have not failed for a minute", lane));
      }
      lane.credits.handlerTook(now - delivery.startedAt);
      String group = delivery.group();
      boolean othersWait = group != null && lane.groups.hasFollower(group);
      board.tryLater(() -> acknowledger.add(delivery, othersWait));
      if (toldFirst) {
        board.freeSlot(delivery, Delivery.Stage.DELETING, now);
      } else {
        board.leaveSlot(delivery, Delivery.Stage.DELETING, now);
        goOn.run();
      }
    } finally {
      board.unlock();
    }
    if (toldFirst) {
      events.handled(message, now - delivery.startedAt);
      if (breakerClosed) {
        events.circuitBreaker(lane, false, null);
      }
    }
  }

  /**
   * Back to its place in the bus, from where a stop gives it back. One that yields to nobody,
   * again, would start over at once and for ever: that is a failure.
   */
  private void yielded(Delivery delivery, YieldException why, long now) {
    board.lock();
    try {
      boolean inVain = board.isStarting() && !board.shouldYield(delivery);
      if (!(inVain && delivery.yieldedInVain)) {
        delivery.yieldedInVain = inVain;
        board.freeSlot(delivery, Delivery.Stage.WAITING, now);
        board.reenter(delivery);
        return;
      }
    } finally {
      board.unlock();
    }
    failures.handle(delivery, why, now);
  }
}
