package io.multisqs.internal;

import io.multisqs.ListenerOptions;
import io.multisqs.ListenerState;
import io.multisqs.MessageHandler;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One listener put together: the parts, wired by their constructors, and the threads that run them.
 *
 * <p>Internal, though public so that the API's package can reach it. Thread-safe.
 */
public final class ListenerRuntime {
  private static final Log log = Log.of("io.multisqs.MultiSqsListener");

  private final ListenerOptions options;
  private final Threads threads;
  private final Lifecycle lifecycle;
  private final Wiring parts;
  private final Board board;
  private final Controls controls;
  private final CompletableFuture<StopAccount> stopped = new CompletableFuture<>();

  /** Why it ends as FAILED; empty while it does not. */
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * The listener that the current thread works for, if any: one that must not wait for its stop.
   */
  private static final ThreadLocal<@Nullable ListenerRuntime> INSIDE = new ThreadLocal<>();

  /** How often a stop that goes on looks for handlers that called {@code System.exit}. */
  private static final Duration LOOK_FOR_EXITS = Duration.ofMillis(250);

  private final AtomicInteger pollerNumbers = new AtomicInteger();
  private volatile @Nullable Thread shutdownHook;

  /**
   * Puts a listener together; starts nothing.
   *
   * @param queues the queues
   * @param options the settings
   * @param handler what is called for each message
   * @throws IllegalArgumentException if they contradict each other
   */
  public ListenerRuntime(
      List<SqsListenerConfig> queues, ListenerOptions options, MessageHandler handler) {
    this(queues, options, handler, new Threads(options.virtualThreads()));
  }

  /** With threads that may be scarce. */
  ListenerRuntime(
      List<SqsListenerConfig> queues,
      ListenerOptions options,
      MessageHandler handler,
      Threads threads) {
    Contradictions.refuse(queues, options);
    this.options = options;
    this.threads = threads;
    this.parts = new Wiring(queues, options, handler, new OnThreads());
    this.board = parts.board;
    this.lifecycle = new Lifecycle(parts.events);
    this.controls = new Controls(board, lifecycle::state, parts.housekeeper::lookedAt);
  }

  /** The listener's own threads. */
  private final class OnThreads implements Wiring.Host {
    @Override
    public void startPoller(Lane lane, QueuePoller poller) {
      threads.start(
          "poll-" + lane.name() + "-" + pollerNumbers.incrementAndGet(), () -> inside(poller));
    }

    @Override
    public void startCall(String what, Runnable work) {
      threads.startCall(what, () -> inside(work));
    }

    @Override
    public void queueAppeared() {
      parts.checks.connectionsBesidePolls(board.lanes).ifPresent(parts::shareConnections);
    }
  }

  private void inside(Runnable work) {
    enter();
    try {
      work.run();
    } catch (Throwable e) {
      fail(e);
    } finally {
      INSIDE.remove();
    }
  }

  /** Who started this thread has counted it: it must not end before its work has begun. */
  private void enter() {
    while (INSIDE.get() != this) {
      try {
        INSIDE.set(this);
      } catch (OutOfMemoryError e) {
        Loop.pause();
      }
    }
  }

  private void runLoopHere() throws InterruptedException {
    enter();
    try {
      parts.eventLoop.run();
    } catch (RuntimeException | Error e) {
      fail(e);
    } finally {
      INSIDE.remove();
    }
  }

  /** One of its threads cannot go on: rather than live by half, the listener ends as FAILED. */
  private void fail(Throwable cause) {
    if (failure.compareAndSet(null, cause)) {
      log.error(
          "the listener cannot go on, and stops as FAILED: its messages are given back, and the"
              + " process has to be started again",
          cause);
      requestStop(options.stopTimeout());
    }
  }

  // ---- start ----------------------------------------------------------------------------------

  /** Checks, and starts every thread but the slots'. */
  private void begin() {
    StackRoom.forCall();
    EarlyClasses.initialise();
    lifecycle.start();
    try {
      AtomicInteger numbers = new AtomicInteger();
      parts.checks.check(
          board.lanes,
          work -> threads.start("start-" + numbers.incrementAndGet(), () -> inside(work)),
          () -> lifecycle.state() == ListenerState.STARTING);
      parts.checks.connectionsBesidePolls(board.lanes).ifPresent(parts::shareConnections);
    } catch (RuntimeException | Error e) {
      parts.clients.close();
      if (lifecycle.move(
          ListenerState.STARTING,
          ListenerState.FAILED,
          () -> stopped.complete(board.stopping.account(0, true)))) {
        throw e;
      }
      return; // A stop came first, and took the clients from under the parts.checks.
    }
    if (!lifecycle.move(ListenerState.STARTING, ListenerState.RUNNING)) {
      return; // A stop came first.
    }
    board.open();
    board.receiving.startPollers();
    orStop(() -> threads.startLasting("housekeeper", () -> inside(parts.housekeeper)));
    if (options.stopOnShutdown()) {
      stopWithTheJvm();
    }
    log.info(
        "multi-sqs-listener {} listens with {} slot(s) to {}",
        Version.ofThisLibrary(),
        options.concurrency(),
        board.lanes.stream().map(ListenerRuntime::described).toList());
  }

  private static String described(Lane lane) {
    if (!lane.isKnown()) {
      return lane.config + ", awaited";
    }
    String deadLetters = lane.source().deadLetterArn();
    return lane.config
        + " in "
        + lane.source().region()
        + (deadLetters == null
            ? ", no dead-letter queue"
            : ", dead letters to " + deadLetters.substring(deadLetters.lastIndexOf(':') + 1));
  }

  /** Starts, with the loop on threads of its own; returns when it runs. */
  public void start() {
    begin();
    startSlots("loop-");
  }

  private void startSlots(String name) {
    orStop(
        () -> {
          for (int i = 1; i <= options.concurrency(); i++) {
            threads.start(name + i, () -> inside(this::runSlot));
          }
        });
  }

  /** A listener that cannot start in full does not go on in part, unknown to who started it. */
  private void orStop(Runnable start) {
    try {
      start.run();
    } catch (RuntimeException | Error e) {
      requestStop(options.stopTimeout());
      throw e;
    }
  }

  private void runSlot() {
    for (; ; ) {
      try {
        parts.eventLoop.run();
        return;
      } catch (InterruptedException e) {
        // A slot's thread is this listener's own: an interrupt was some handler's, and is over.
        log.debug("a slot was interrupted between two messages, and goes on", e);
      }
    }
  }

  /** Starts, and runs the loop on this thread, or waits beside it, until the listener stops. */
  public void listen() {
    begin();
    boolean interrupted = false;
    try {
      if (options.concurrency() == 1) {
        runLoopHere();
      } else {
        startSlots("slot-");
      }
      stopped.get();
      Throwable why = failure.get();
      if (why != null) {
        throw new IllegalStateException(
            "the listener failed and has stopped; start the process again, as " + why, why);
      }
    } catch (InterruptedException e) {
      interrupted = true;
      if (e.getMessage() == null) {
        log.info("the thread of listen() was interrupted; the listener stops");
      } else {
        log.warn("the thread of listen() was interrupted {}; the listener stops", e.getMessage());
      }
      stop(options.stopTimeout());
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException("the listener's stop failed", e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  // ---- stop -----------------------------------------------------------------------------------

  /**
   * Stops; see {@link io.multisqs.MultiSqsListener#stop}.
   *
   * @param deadline how long it may take
   * @return the account
   */
  public StopAccount stop(Duration deadline) {
    StackRoom.forCall(); // If no thread can be had for it, the whole stop is made on this one.
    requestStop(deadline);
    if (INSIDE.get() == this) {
      // A thread of this listener, in a handler or a callback: the stop waits for it.
      return board.stopping.account(0, false);
    }
    boolean interrupted = false;
    try {
      for (; ; ) {
        try {
          if (!theJvmEnds()) {
            // A handler that ends the JVM later is found by the hook that then calls this.
            return stopped.get();
          }
          parts.limits.giveUpThoseThatEndTheJvm();
          return stopped.get(LOOK_FOR_EXITS.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // Looks again.
        } catch (InterruptedException e) {
          // The stop has a deadline of its own, and half a stop would lose its account.
          interrupted = true;
        } catch (java.util.concurrent.ExecutionException e) {
          throw new IllegalStateException("the listener's stop failed", e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean theJvmEnds() {
    Thread probe = new Thread(() -> {});
    try {
      Runtime.getRuntime().addShutdownHook(probe);
      return !Runtime.getRuntime().removeShutdownHook(probe);
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private void requestStop(Duration deadline) {
    Runnable begin =
        () -> {
          // At once: who stops from a handler must not see another message start after it.
          board.stopping.shut();
          parts.checks.giveUp();
          try {
            threads.startLasting("stop", () -> runStop(deadline));
          } catch (RuntimeException | Error e) {
            log.error("no thread can be had for the stop, which is made by who asked for it", e);
            runStop(deadline);
          }
        };
    if (lifecycle.move(
        ListenerState.NEW,
        ListenerState.TERMINATED,
        () -> stopped.complete(board.stopping.account(0, false)))) {
      log.debug("stopped before it was started");
    } else if (lifecycle.move(ListenerState.STARTING, ListenerState.STOPPING, begin)
        || lifecycle.move(ListenerState.RUNNING, ListenerState.STOPPING, begin)) {
      log.debug("the stop was asked for");
    }
  }

  private void runStop(Duration deadline) {
    try {
      log.info(
          "stopping within {} s, {}", deadline.toMillis() / 1000.0, parts.stopSequence.awaited());
      StopAccount account = seeStopThrough(deadline);
      boolean failed = failure.get() != null;
      parts.end();
      parts.clients.close();
      forgetShutdownHook();
      log.info("stopped: {}", account);
      lifecycle.move(
          ListenerState.STOPPING,
          failed ? ListenerState.FAILED : ListenerState.TERMINATED,
          () -> stopped.complete(account));
    } catch (Throwable e) {
      log.error("the stop failed; threads may be left", e);
      parts.end();
      lifecycle.move(
          ListenerState.STOPPING, ListenerState.FAILED, () -> stopped.completeExceptionally(e));
    }
  }

  /** Each of its steps can be taken again; while there is no memory for one, time goes on. */
  private StopAccount seeStopThrough(Duration deadline) throws InterruptedException {
    long end = options.clock().nanoTime() + deadline.toNanos();
    for (int tries = 1; ; tries++) {
      long left = Math.max(0, end - options.clock().nanoTime());
      try {
        return parts.stopSequence.run(Duration.ofNanos(left));
      } catch (OutOfMemoryError e) {
        if (left == 0 && tries > 100) {
          throw e;
        }
        Loop.pause();
      }
    }
  }

  private void stopWithTheJvm() {
    Thread hook = new Thread(() -> stop(options.stopTimeout()), "multisqs-shutdown");
    shutdownHook = hook;
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      if (lifecycle.state() != ListenerState.RUNNING) {
        forgetShutdownHook(); // A stop was faster.
      }
    } catch (IllegalStateException e) {
      log.info("the JVM is shutting down already; the listener stops at once");
      requestStop(options.stopTimeout());
    }
  }

  private void forgetShutdownHook() {
    Thread hook = shutdownHook;
    if (hook != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        log.debug("the JVM is shutting down: its hook is what stops the listener");
      }
    }
  }

  // ---- while it runs --------------------------------------------------------------------------

  /**
   * The state.
   *
   * @return where it is in its life
   */
  public ListenerState state() {
    return lifecycle.state();
  }

  /**
   * What may be asked of it, and told it, while it runs.
   *
   * @return its controls
   */
  public Controls controls() {
    return controls;
  }
}
