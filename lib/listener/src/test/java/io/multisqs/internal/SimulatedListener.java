package io.multisqs.internal;

import io.multisqs.ListenerClock;
import io.multisqs.ListenerOptions;
import io.multisqs.ListenerState;
import io.multisqs.MessageHandler;
import io.multisqs.QueueSnapshot;
import io.multisqs.ReceivedMessage;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.testkit.InMemorySqs;
import io.multisqs.testkit.MessageEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * A listener in a {@link Simulation}: the real parts, wired as {@link ListenerRuntime} does, whose
 * threads are simulated processes and whose SQS is a {@link TravellingSqs}.
 */
final class SimulatedListener implements AutoCloseable {

  /** One handler call. */
  record Start(String queue, String body, Duration at, int receiveCount) {}

  /** What a handler does with a body; sleeps by {@link #work}. */
  interface Work {
    void on(ReceivedMessage message) throws Exception;
  }

  private static final long BUFFER = 1L << 30;

  final Simulation simulation = new Simulation();

  /** What the parts read: the simulation's, or one before it that may fail. */
  ListenerClock clock = simulation;

  final TravellingSqs way;
  final InMemorySqs sqs;
  final List<Start> starts = new ArrayList<>();

  private final List<SqsListenerConfig> queues = new ArrayList<>();
  private ListenerOptions options =
      ListenerOptions.builder().region(InMemorySqs.REGION.id()).build();
  private Work work = message -> {};
  private MessageHandler handler = this::handle;

  Wiring parts;
  Board board;
  int pollersStarted;

  /** So many pollers' threads find no room. */
  int pollersRefused;

  private long keeperLooksBy = Simulation.NEVER;
  private @Nullable StopAccount account;

  SimulatedListener(Duration roundTrip) {
    way = new TravellingSqs(simulation, roundTrip);
    sqs = way.sqs;
  }

  // ---- setting up -----------------------------------------------------------------------------

  SimulatedListener queue(SqsListenerConfig config) {
    return queue(config, Map.of());
  }

  SimulatedListener queue(SqsListenerConfig config, Map<QueueAttributeName, String> attributes) {
    sqs.createQueue(config.queue(), attributes);
    queues.add(config);
    return this;
  }

  SimulatedListener options(ListenerOptions.Builder builder) {
    options = builder.region(InMemorySqs.REGION.id()).build();
    return this;
  }

  /** What each handler call does. */
  SimulatedListener handler(Work work) {
    this.work = work;
    return this;
  }

  /** Every handler call takes this long, and succeeds. */
  SimulatedListener handlersTake(Duration duration) {
    return handler(message -> work(duration));
  }

  /** Puts the parts together; no poller and no slot runs. */
  SimulatedListener build() {
    ListenerOptions.Builder complete = options.toBuilder().clock(clock).sqsClient(way);
    if (options.bufferBytes().isEmpty()) {
      complete.bufferBytes(BUFFER);
    }
    options = complete.build();
    parts = new Wiring(queues, options, handler, new InTheSimulation());
    board = parts.board;
    parts.checks.check(board.lanes);
    simulation.spawn("housekeeper", this::keepHouse);
    board.open();
    return this;
  }

  private final class InTheSimulation implements Wiring.Host {
    @Override
    public void startPoller(Lane lane, QueuePoller poller) {
      if (pollersRefused > 0) {
        pollersRefused--;
        throw new OutOfMemoryError("unable to create native thread, says the test");
      }
      pollersStarted++;
      simulation.spawn("poll-" + lane, poller);
    }

    @Override
    public void startCall(String what, Runnable work) {
      simulation.spawn(what, work);
    }

    @Override
    public void queueAppeared() {}

    @Override
    public void housekeeperLooksBy(Housekeeper housekeeper, long time) {
      keeperLooksBy(time);
    }

    @Override
    public Condition pollersCondition(Board board) {
      return simulation.condition(board);
    }
  }

  // ---- running --------------------------------------------------------------------------------

  /** Builds it, and starts pollers and slots. */
  SimulatedListener start() {
    return build().startBuilt();
  }

  /** Starts pollers and slots of what is built. */
  SimulatedListener startBuilt() {
    board.receiving.startPollers();
    for (int i = 1; i <= options.concurrency(); i++) {
      simulation.spawn("slot-" + i, this::runSlot);
    }
    return this;
  }

  private void runSlot() {
    while (board.isOpen()) {
      try {
        if (parts.eventLoop.step() > 0) {
          simulation.touch();
        } else {
          simulation.waitUntil(Simulation.NEVER, this::somethingMayStart);
        }
      } catch (OutOfMemoryError e) {
        simulation.touch(); // as the event loop goes on, which is stepped by hand here
      }
    }
  }

  private boolean somethingMayStart() {
    board.lock();
    try {
      boolean may = board.choice.best(simulation.nanoTime()) != null || !board.isOpen();
      simulation.lookAgainAt(board.choice.chooseAgainAt());
      return may;
    } finally {
      board.unlock();
    }
  }

  private void keeperLooksBy(long time) {
    keeperLooksBy = Math.min(keeperLooksBy, time);
    simulation.lookAgainAt(time);
  }

  private void keepHouse() {
    for (; ; ) {
      keeperLooksBy = Simulation.NEVER;
      long next = parts.housekeeper.step(simulation.nanoTime());
      simulation.waitUntil(next, () -> keeperLooksBy <= simulation.nanoTime());
    }
  }

  private void handle(String queue, String bus, int priority, ReceivedMessage message)
      throws Exception {
    starts.add(new Start(queue, message.body(), simulation.now(), message.receiveCount()));
    work.on(message);
  }

  /** The calling handler works so long; an interrupt ends that. */
  void work(Duration duration) throws InterruptedException {
    simulation.sleep(duration);
  }

  /** Stops it, and lets time pass until it has stopped. */
  StopAccount stop(Duration deadline) {
    requestStop(deadline);
    simulation.runUntil(deadline.plusSeconds(1), () -> account != null);
    return Objects.requireNonNull(account);
  }

  void requestStop(Duration deadline) {
    simulation.spawn(
        "stop",
        () -> {
          try {
            account = parts.stopSequence.run(deadline);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Nullable StopAccount account() {
    return account;
  }

  StopAccount accountNow() {
    return board.stopping.account(0, false);
  }

  /** Starts what may start now, on the test's own thread; for handlers that take no time. */
  int step() {
    return parts.eventLoop.step();
  }

  /** Lays a message before the board as if it had been received now. */
  Delivery arrive(String queue, String body) {
    return arrive(queue, body, null);
  }

  /** The same, in a message group. */
  Delivery arrive(String queue, String body, @Nullable String group) {
    Lane lane = lane(queue);
    long now = simulation.nanoTime();
    Message message =
        Message.builder()
            .messageId("id-" + body)
            .receiptHandle("receipt")
            .body(body)
            .attributes(
                group == null
                    ? Map.of()
                    : Map.of(MessageSystemAttributeName.MESSAGE_GROUP_ID, group))
            .build();
    Lease lease = Lease.received(now, lane.source().visibility());
    Delivery delivery = new Delivery(lane, message, lease, now, parts.desk);
    delivery.priority = lane.priority;
    board.lock();
    board.enter(delivery, now);
    board.unlock();
    return delivery;
  }

  /** Does something under the board's lock, as most of its methods want. */
  void locked(Runnable action) {
    board.lock();
    try {
      action.run();
    } finally {
      board.unlock();
    }
  }

  /** Slot time that stood idle in holds so far. */
  Duration slotTimeHeld() {
    return board.snapshot(ListenerState.RUNNING).slotTimeHeld();
  }

  /** Counts no queue as hot any more, as if each had answered empty. */
  SimulatedListener coolDown() {
    for (Lane lane : board.lanes) {
      lane.heat.failed(0, simulation.nanoTime());
    }
    return this;
  }

  // ---- what tests ask -------------------------------------------------------------------------

  /** Sends now, at once visible. */
  void send(String queue, String... bodies) {
    for (String body : bodies) {
      sqs.sendMessage(r -> r.queueUrl(url(queue)).messageBody(body));
    }
  }

  void send(String queue, String prefix, int count) {
    for (int i = 1; i <= count; i++) {
      send(queue, prefix + i);
    }
  }

  /** Sends to a group of a FIFO queue. */
  void sendGroup(String queue, String group, String... bodies) {
    for (String body : bodies) {
      sqs.sendMessage(
          r ->
              r.queueUrl(url(queue))
                  .messageBody(body)
                  .messageGroupId(group)
                  .messageDeduplicationId(group + body));
    }
  }

  String url(String queue) {
    return sqs.getQueueUrl(r -> r.queueName(queue)).queueUrl();
  }

  Lane lane(String queue) {
    return board.lanes.stream().filter(l -> l.name().equals(queue)).findFirst().orElseThrow();
  }

  QueueSnapshot snapshot(String queue) {
    board.lock();
    try {
      return lane(queue).snapshot(board, simulation.nanoTime());
    } finally {
      board.unlock();
    }
  }

  /** The bodies in the order of their handlers' starts. */
  List<String> order() {
    return starts.stream().map(Start::body).toList();
  }

  /** The first letters of {@link #order()}, in one word. */
  String letters() {
    StringBuilder letters = new StringBuilder();
    starts.forEach(start -> letters.append(start.body().charAt(0)));
    return letters.toString();
  }

  /** The bytes that wait here, of all queues. */
  long waitingBytes() {
    long bytes = 0;
    for (Lane lane : board.lanes) {
      for (Delivery delivery : lane.here.values()) {
        bytes += delivery.stage == Delivery.Stage.WAITING ? delivery.bytes : 0;
      }
    }
    return bytes;
  }

  /** What is taken of the byte budget. */
  long bytesUsed() {
    return options.bufferBytes().orElse(BUFFER) - board.bytes.free();
  }

  /** How often SQS handed messages of a queue out. */
  long receivesOf(String queue) {
    return sqs.events().stream()
        .filter(e -> e.queue().equals(queue) && e.kind() == MessageEvent.Kind.RECEIVED)
        .count();
  }

  long startsOf(String queue) {
    return starts.stream().filter(start -> start.queue().equals(queue)).count();
  }

  /** How many messages are in a queue, seen or not. */
  int left(String queue) {
    return sqs.messages(queue).size();
  }

  SimulatedListener runFor(Duration duration) {
    simulation.runFor(duration);
    return this;
  }

  /** Runs until so many handlers have started. */
  SimulatedListener runUntilStarted(int count) {
    simulation.runUntil(Duration.ofHours(1), () -> starts.size() >= count);
    return this;
  }

  @Override
  public void close() {
    if (board != null) {
      locked(board::shut);
    }
    simulation.close();
  }
}
