package io.multisqs.internal;

import io.multisqs.BusOptions;
import io.multisqs.ListenerOptions;
import io.multisqs.MessageHandler;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.function.Consumer;

/**
 * The parts of one listener, put together in this one place, for the runtime as for whatever steps
 * them in tests. It starts nothing.
 *
 * <p>It also does what the board has left for after an unlock, since that takes several parts.
 */
final class Wiring implements Effects {
  private static final Log log = Log.of("io.multisqs.Leases");

  /** Where the parts run: on threads, or in a simulation. */
  interface Host {
    /** Starts a poller's thread. */
    void startPoller(Lane lane, QueuePoller poller);

    /** Starts a thread for calls to SQS, or for callbacks. */
    void startCall(String what, Runnable work);

    /** Another poller found an awaited queue. */
    void queueAppeared();

    /** Sees to it that the housekeeper looks by this time. */
    default void housekeeperLooksBy(Housekeeper housekeeper, long time) {
      housekeeper.lookBy(time);
    }

    /** What the pollers of a queue wait for. */
    default Condition pollersCondition(Board board) {
      return board.newCondition();
    }
  }

  private final Host host;
  final Events events;
  final Board board;
  final Clients clients;
  final StartChecks checks;
  final Acknowledger acknowledger;
  final GiveBacks giveBacks;
  final LeaseKeeper leaseKeeper;
  final HandlerLimits limits;
  final Housekeeper housekeeper;
  final EventLoop eventLoop;
  final StopSequence stopSequence;
  final Desk desk;

  Wiring(
      List<SqsListenerConfig> queues, ListenerOptions options, MessageHandler handler, Host host) {
    this.host = host;
    this.events = new Events(options.events(), callThreads("event"));
    this.board = board(queues, options);
    this.clients = new Clients(options, this::connectionsWanted);
    this.checks = new StartChecks(options, clients);
    this.giveBacks = new GiveBacks(board, events, callThreads("give-back"));
    this.acknowledger =
        new Acknowledger(
            board,
            events,
            d -> giveBacks.release(d, "the delete of the one before it failed"),
            callThreads("delete"));
    this.leaseKeeper = new LeaseKeeper(board, this::housekeeperLooksBy, callThreads("lease"));
    this.limits = new HandlerLimits(board, events, this::housekeeperLooksBy);
    this.housekeeper =
        new Housekeeper(
            options.clock(),
            leaseKeeper::step,
            limits::step,
            new SilenceWatch(board)::step,
            new Strays(board.departures, acknowledger, giveBacks)::step);
    this.eventLoop =
        new EventLoop(
            board,
            new MessageTask(handler, options.interceptors(), limits, events),
            acknowledger,
            giveBacks,
            new Failures(new DeadLetters(options.clock())),
            events);
    this.stopSequence = new StopSequence(board, acknowledger, giveBacks, limits);
    this.desk = new Desk(board, this::housekeeperLooksBy);
  }

  private Board board(List<SqsListenerConfig> queues, ListenerOptions options) {
    Map<String, EventBus> buses = new LinkedHashMap<>();
    for (SqsListenerConfig queue : queues) {
      buses.computeIfAbsent(
          queue.bus(),
          name -> new EventBus(name, options.busOptions().getOrDefault(name, BusOptions.DEFAULT)));
    }
    Board made =
        new Board(
            options.clock(),
            List.copyOf(buses.values()),
            options.concurrency(),
            Ranking.of(options.priorityPolicy(), options.clock().nanoTime()),
            new PriorityHold(options.priorityHold()),
            new ByteBudget(options.bufferBytes().orElse(Runtime.getRuntime().maxMemory() / 8)),
            this);
    for (SqsListenerConfig queue : queues) {
      EventBus bus = Objects.requireNonNull(buses.get(queue.bus()));
      made.lanes.add(
          new Lane(
              queue, bus, options.concurrency(), host.pollersCondition(made), options.clock()));
    }
    return made;
  }

  private Consumer<Runnable> callThreads(String what) {
    return work -> host.startCall(what, work);
  }

  private void housekeeperLooksBy(long time) {
    host.housekeeperLooksBy(housekeeper, time);
  }

  QueuePoller poller(Lane lane) {
    return new QueuePoller(
        board, lane, events, giveBacks, acknowledger, desk, checks, this::queueAppeared);
  }

  private void queueAppeared() {
    host.queueAppeared();
    housekeeperLooksBy(board.clock.nanoTime());
  }

  // ---- connections ----------------------------------------------------------------------------

  /** Connections that the listener may use at once, those of handlers that extend included. */
  private int connectionsWanted() {
    int polls = board.lanes.stream().mapToInt(lane -> lane.maxPollers).sum();
    int calls = Acknowledger.maxCalls(board) + GiveBacks.MAX_CALLS + LeaseKeeper.MAX_CALLS;
    return polls + calls + board.slots.all();
  }

  /** A third each for lease calls and give-backs at most, so that deletes cannot take all (I19). */
  void shareConnections(int connections) {
    leaseKeeper.limitCalls(connections / 3);
    giveBacks.limitCalls(connections / 3);
    int left = connections;
    left -= Math.min(LeaseKeeper.MAX_CALLS, connections / 3);
    left -= Math.min(GiveBacks.MAX_CALLS, connections / 3);
    acknowledger.limitCalls(left);
  }

  /** No more calls, and no more looks. */
  void end() {
    housekeeper.end();
    acknowledger.end();
    giveBacks.end();
    leaseKeeper.end();
  }

  // ---- effects --------------------------------------------------------------------------------

  @Override
  public void startPoller(Lane lane) {
    host.startPoller(lane, poller(lane));
  }

  @Override
  public void release(Delivery delivery, String reason) {
    giveBacks.release(delivery, reason);
  }

  @Override
  public void leaseLost(Delivery delivery, boolean running, String why) {
    if (running) {
      log.warn(
          "{} is being handled, but may be with another consumer now: {}; its handler goes on",
          delivery.message,
          why);
    } else {
      log.warn(
          "{} waited until its visibility timeout may have run out and is not started; it will be"
              + " received again",
          delivery.message);
    }
    events.leaseLost(delivery.message, running);
  }

  @Override
  public void lowerWorkHeld(Duration slotTime) {
    events.lowerWorkHeld(slotTime);
  }

  @Override
  public void stoodStill() {
    housekeeperLooksBy(board.clock.nanoTime());
  }

  @Override
  public void choiceFailed(Throwable failure) {
    eventLoop.choiceFailed(failure);
  }
}
