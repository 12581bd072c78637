package io.multisqs.internal;

import io.multisqs.MessageHandler;
import io.multisqs.MessageInterceptor;
import io.multisqs.YieldException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One handler call, with all that stands around it. The stages, in order:
 *
 * <ol>
 *   <li>the handler's time limit starts to count ({@link HandlerLimits})
 *   <li>the interceptors, outermost first, and the handler
 *   <li>the limit ends; an interrupt that was meant for this handler does not outlive it
 * </ol>
 *
 * <p>Nothing that a handler throws leaves this class: the {@link EventLoop} is told, and books it.
 */
final class MessageTask {
  private final MessageHandler handler;
  private final List<MessageInterceptor> interceptors;
  private final HandlerLimits limits;
  private final Events events;

  MessageTask(
      MessageHandler handler,
      List<MessageInterceptor> interceptors,
      HandlerLimits limits,
      Events events) {
    this.handler = handler;
    this.interceptors = List.copyOf(interceptors);
    this.limits = limits;
    this.events = events;
  }

  /**
   * Runs it.
   *
   * @return how it ended: null if it was handled, a {@link YieldException} if it goes back to its
   *     place in the bus, else what it failed with
   */
  @Nullable Throwable run(Delivery delivery) {
    events.started(delivery.message, delivery.startedAt - delivery.arrivedAt);
    HandlerCall call = limits.start(delivery);
    Throwable failure = null;
    try {
      proceed(delivery, 0);
    } catch (Throwable t) {
      // Throwable on purpose: an Error of a handler costs its own message a retry, and no more.
      failure = t;
    }
    HandlerCall.Cause interrupted = call.end();
    if (interrupted == HandlerCall.Cause.LIMIT) {
      // Whatever it did after the interrupt: it may have swallowed it and left its work undone.
      failure = HandlerLimits.timeout(delivery, failure);
    } else if (interrupted == HandlerCall.Cause.STOP && failure != null) {
      // No failure of its own, and none of the policy's business.
      failure = new YieldException();
    } else if (failure instanceof InterruptedException) {
      // Whoever interrupted this thread meant more than this message: the loop has to see it.
      Thread.currentThread().interrupt();
    }
    return failure;
  }

  private void proceed(Delivery delivery, int depth) throws Exception {
    if (depth < interceptors.size()) {
      interceptors.get(depth).intercept(delivery.message, () -> proceed(delivery, depth + 1));
    } else {
      Lane lane = delivery.lane;
      handler.handle(lane.name(), lane.bus.name, delivery.priority, delivery.message);
    }
  }
}
