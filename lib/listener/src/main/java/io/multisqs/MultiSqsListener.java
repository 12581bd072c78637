package io.multisqs;

import io.multisqs.internal.ListenerRuntime;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Listens to several SQS queues with strict priority between them: subclass it, override {@link
 * #handleMessage}, and call {@link #listen()}.
 *
 * <p>A listener starts once and stops once. Every method may be called by any thread.
 */
public abstract class MultiSqsListener implements AutoCloseable {
  private final ListenerRuntime runtime;
  private final ListenerOptions options;

  /**
   * A listener with the default options: one message at a time, strict priority.
   *
   * @param queues the queues, at least one, none twice
   * @throws IllegalArgumentException if the list is empty or names a queue twice
   */
  protected MultiSqsListener(List<SqsListenerConfig> queues) {
    this(queues, ListenerOptions.defaults());
  }

  /**
   * A listener.
   *
   * @param queues the queues, at least one, none twice
   * @param options the settings of the whole listener
   * @throws IllegalArgumentException if the list is empty or names a queue twice, or if the options
   *     name a bus that none of them feeds
   */
  @SuppressWarnings("this-escape") // handleMessage is called only after the start
  protected MultiSqsListener(List<SqsListenerConfig> queues, ListenerOptions options) {
    this.options = options;
    this.runtime = new ListenerRuntime(List.copyOf(queues), options, this::handleMessage);
  }

  /**
   * A listener whose handler is a lambda.
   *
   * @param queues the queues, at least one, none twice
   * @param options the settings of the whole listener
   * @param handler what is called for each message
   * @return a listener that was not started
   * @throws IllegalArgumentException as the constructor's
   */
  public static MultiSqsListener of(
      List<SqsListenerConfig> queues, ListenerOptions options, MessageHandler handler) {
    Objects.requireNonNull(handler, "handler");
    return new MultiSqsListener(queues, options) {
      @Override
      protected void handleMessage(String queue, String bus, int priority, ReceivedMessage message)
          throws Exception {
        handler.handle(queue, bus, priority, message);
      }
    };
  }

  /**
   * Handles one message. Returning means done: the message is deleted. What is thrown goes to the
   * queue's {@link RetryPolicy}. A handler is not interrupted by higher work. Called by as many
   * threads at once as there are slots; with one slot by the thread that called {@link #listen()}.
   *
   * @param queue the queue's name
   * @param bus the bus that the queue feeds
   * @param priority the message's priority
   * @param message the message
   * @throws Exception anything; it costs this message a retry and nothing else
   */
  protected abstract void handleMessage(
      String queue, String bus, int priority, ReceivedMessage message) throws Exception;

  /**
   * Starts, and returns when the listener has stopped: by {@link #stop}, by {@link #close()}, by a
   * SIGTERM where {@link ListenerOptions#stopOnShutdown()} is set, or by an interrupt of this
   * thread, whose flag is then kept. With a concurrency of 1 the handler runs on this thread.
   *
   * @throws ListenerStartException if a queue cannot be listened to; nothing was received
   * @throws IllegalStateException if it was started before
   */
  public final void listen() {
    runtime.listen();
  }

  /**
   * Starts on threads of its own, and returns when it runs. Where the JVM has no room for a slot's
   * thread, its error is thrown, and the listener stops; a poller's is tried again.
   *
   * @throws ListenerStartException if a queue cannot be listened to; nothing was received
   * @throws IllegalStateException if it was started before
   */
  public final void start() {
    runtime.start();
  }

  /**
   * Stops: no new receive is made, those under way are awaited and what they bring is released,
   * what waits is released, handlers finish, deletes go out; all within the deadline.
   *
   * <p>An idle long-polled queue has a receive under way that SQS answers after up to 20 s. A
   * deadline longer than that (the default of {@link #close()} is) loses nothing; with a shorter
   * one the stop is as fast as asked, counts the receive as abandoned, and a message that SQS hands
   * out to it at just that moment stays invisible until its visibility timeout runs out. Handlers
   * that are still running when only the kept part is left are interrupted: what then returns is
   * deleted, what throws is released, and what does neither is named as abandoned.
   *
   * <p>A second call waits for the first one's end. Called from a handler or a callback of this
   * listener it returns at once, with an account that is not complete, and the stop goes on when
   * that handler returns.
   *
   * @param deadline how long the stop may take, 0 s or more; the last quarter, 2 s at most, is kept
   *     for giving back and deleting
   * @return the account of every message received
   */
  public final StopAccount stop(Duration deadline) {
    Check.between("stop deadline", deadline, Duration.ZERO, RetryPolicy.MAX_DELAY);
    return runtime.stop(deadline);
  }

  /** Stops with the {@link ListenerOptions#stopTimeout()}, 30 s by default. */
  @Override
  public final void close() {
    stop(options.stopTimeout());
  }

  /**
   * Where the listener is in its life.
   *
   * @return the state
   */
  public final ListenerState state() {
    return runtime.state();
  }

  /**
   * Whether the listener can go on, for a liveness probe: one that is false stays so, and only a
   * restart of the process helps. True while it is new, starts, runs or drains, and while SQS is
   * away; false once it has failed or stopped, or if its housekeeper's thread has not moved for two
   * minutes.
   *
   * @return the verdict and its reason
   */
  public final Health isLive() {
    return runtime.controls().live();
  }

  /**
   * Whether the listener serves its queues, for a readiness probe: it runs, and each queue that may
   * be asked was answered within the last minute, or the interval of its short polls and a minute.
   * A queue that is paused, awaited, gated, without credit or behind an open circuit breaker is not
   * asked, and counts as served. False while it starts or drains, and while SQS is away.
   *
   * @return the verdict and its reason, which names the silent queues
   */
  public final Health isReady() {
    return runtime.controls().ready();
  }

  /**
   * What the listener is doing, for a health check or a person.
   *
   * @return all parts at the same moment
   */
  public final ListenerSnapshot snapshot() {
    return runtime.controls().snapshot();
  }

  /**
   * Stops receiving from a queue and starting its messages. What waits here stays here, leased.
   *
   * @param queue its name, or as configured
   * @throws IllegalArgumentException if there is no such queue
   */
  public final void pauseQueue(String queue) {
    runtime.controls().pauseQueue(queue, true);
  }

  /**
   * Ends a queue's pause.
   *
   * @param queue its name, or as configured
   * @throws IllegalArgumentException if there is no such queue
   */
  public final void resumeQueue(String queue) {
    runtime.controls().pauseQueue(queue, false);
  }

  /**
   * Stops receiving from all queues of a bus and starting their messages.
   *
   * @param bus its name
   * @throws IllegalArgumentException if there is no such bus
   */
  public final void pauseBus(String bus) {
    runtime.controls().pauseBus(bus, true);
  }

  /**
   * Ends a bus's pause. Queues that are paused themselves stay so.
   *
   * @param bus its name
   * @throws IllegalArgumentException if there is no such bus
   */
  public final void resumeBus(String bus) {
    runtime.controls().pauseBus(bus, false);
  }

  /**
   * Gives all queues of a bus another priority, from now on; what waits here moves with it, but for
   * messages that have a priority of their own.
   *
   * @param bus its name
   * @param priority −1,000,000 … 1,000,000, higher goes first
   * @throws IllegalArgumentException if there is no such bus, or the priority is out of range
   */
  public final void setBusPriority(String bus, int priority) {
    runtime.controls().setBusPriority(bus, priority);
  }

  /**
   * Gives a queue another priority, from now on; what waits here moves with it, but for messages
   * that have a priority of their own.
   *
   * @param queue its name, or as configured
   * @param priority −1,000,000 … 1,000,000, higher goes first
   * @throws IllegalArgumentException if there is no such queue, or the priority is out of range
   */
  public final void setPriority(String queue, int priority) {
    runtime.controls().setPriority(queue, priority);
  }
}
