package io.multisqs;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What happens in a listener, for metrics and alarms. Override what is wanted; each does nothing.
 *
 * <p>Called on the thread where it happens, outside all locks: be quick, and safe for use by many
 * threads. What a callback throws is logged and changes nothing.
 */
public class ListenerEvents {
  /** Listens to nothing. */
  public static final ListenerEvents NONE = new ListenerEvents();

  /** For subclasses. */
  protected ListenerEvents() {}

  /**
   * The listener's state changed.
   *
   * @param from before
   * @param to after
   */
  public void stateChanged(ListenerState from, ListenerState to) {}

  /**
   * A receive was answered.
   *
   * @param queue the queue's name
   * @param messages how many it brought, 0 for an empty answer
   * @param elapsed how long it was outstanding
   */
  public void received(String queue, int messages, Duration elapsed) {}

  /**
   * A receive failed; the queue backs off.
   *
   * @param queue the queue's name
   * @param failure why
   * @param retryIn until the next try
   */
  public void receiveFailed(String queue, Throwable failure, Duration retryIn) {}

  /**
   * A handler starts.
   *
   * @param message its message
   * @param waited since the message arrived in this process
   */
  public void started(ReceivedMessage message, Duration waited) {}

  /**
   * A handler returned.
   *
   * @param message its message
   * @param elapsed how long it ran
   */
  public void handled(ReceivedMessage message, Duration elapsed) {}

  /**
   * A handler threw, or passed its time limit.
   *
   * @param message its message
   * @param failure what it threw
   * @param action what becomes of the message
   * @param elapsed how long it ran
   */
  public void failed(
      ReceivedMessage message, Throwable failure, FailureAction action, Duration elapsed) {}

  /**
   * A handler passed its time limit and was interrupted.
   *
   * @param message its message
   * @param limit the limit
   */
  public void timedOut(ReceivedMessage message, Duration limit) {}

  /**
   * SQS confirmed the delete of a handled message.
   *
   * @param message the message, without its body and its message attributes: they are let go when
   *     it was handled, and {@link ReceivedMessage#body()} is empty
   */
  public void deleted(ReceivedMessage message) {}

  /**
   * A delete failed, and is tried again while the message's lease lasts and, on a standard queue,
   * for some minutes after; or SQS confirmed it only when the lease may have run out, and another
   * consumer may have the message.
   *
   * @param message the message, without its body and its message attributes, as in {@link #deleted}
   * @param reason what SQS said
   */
  public void deleteFailed(ReceivedMessage message, String reason) {}

  /**
   * A message was given back, unhandled.
   *
   * @param message the message
   * @param reason why, in a word or two
   */
  public void released(ReceivedMessage message, String reason) {}

  /**
   * A message may be with another consumer now: its lease ran out.
   *
   * @param message the message
   * @param running whether its handler was running; if not, it is not started
   */
  public void leaseLost(ReceivedMessage message, boolean running) {}

  /**
   * Lower work no longer waits for higher queues: more work arrived, or their answers showed that
   * there is none.
   *
   * @param slotTime the slot time that stood idle meanwhile: two slots that were held for 10 ms
   *     each are 20 ms
   */
  public void lowerWorkHeld(Duration slotTime) {}

  /**
   * A queue's circuit breaker opened or closed.
   *
   * @param queue the queue's name
   * @param open whether it is open now
   * @param cause the failure that opened it, or null when it closed
   */
  public void circuitBreaker(String queue, boolean open, @Nullable Throwable cause) {}
}
