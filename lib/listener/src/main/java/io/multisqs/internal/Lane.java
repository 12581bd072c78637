package io.multisqs.internal;

import io.multisqs.ListenerClock;
import io.multisqs.QueueAddress;
import io.multisqs.QueueSnapshot;
import io.multisqs.QueueStatus;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * One queue while the listener lives: everything that is known of it, and every message of it that
 * is here. Guarded by the board's lock, but for what is final.
 */
final class Lane {
  final SqsListenerConfig config;
  final QueueAddress address;
  final EventBus bus;
  final Heat heat;
  final MessageAges ages;
  final Credits credits;
  final ParallelReceives receives;
  final int maxPollers;
  final Counters counters = new Counters();
  final Breaker breaker;
  final Backoff backoff = new Backoff();
  final EmptyPolls emptyPolls = new EmptyPolls();
  final FailureLog failureLog;
  final FailureLog deleteFailureLog;
  final FailureLog handlerFailureLog;
  final FailureLog leaseFailureLog;
  final FailureLog giveBackFailureLog;
  final FifoGroups groups = new FifoGroups();
  final FailedHeads failedHeads = new FailedHeads(groups);

  /** Signalled when one of its pollers may ask. */
  final Condition mayAsk;

  /** By message id. */
  final Map<String, Delivery> here = new HashMap<>();

  /** Messages that left their bus as their queue is paused. */
  final List<Delivery> parked = new ArrayList<>();

  /** Attempt ids of receives whose answer was lost on the network, to be asked again. */
  final Deque<String> lostAttempts = new ArrayDeque<>();

  /** What SQS said of it; null while it is awaited. Written once, read without the lock. */
  private volatile @Nullable Source source;

  /** Written under the lock; read without it where a message's priority is found. */
  volatile int priority;

  /** How long users took to be told of its last receive; written without the lock. */
  private volatile long tellingTook;

  boolean paused;

  /** Its breaker opened while receives were out: what waits is given back when they are in. */
  boolean breakerOpened;

  int running;

  /** Handlers, among those that run, that called {@code System.exit}: they never return. */
  int neverReturning;

  /** Messages that are done with, whose delete is not confirmed. */
  int deleting;

  /** Messages that failed or were not started, whose give-back is not confirmed. */
  int givingBack;

  /** A short-polled queue that was empty is not asked before this. */
  long nextPollAt;

  /** What it has taken of the byte budget, receives under way included. */
  long bytesTaken;

  /** What one message is expected to have: as much as it can, until one is seen. */
  long expectedBytes;

  private boolean sizeIsSeen;

  /** Poller threads; those of them that have not run yet; and those that wait for leave to ask. */
  int pollers;

  int startingPollers;
  int idlePollers;

  /** No thread could be had for its only poller. */
  boolean lacksPoller;

  /** Why it is not asked, and until when that holds by itself; see {@link ReceiveGate}. */
  QueueStatus blockedBy = QueueStatus.IDLE;

  long blockedUntil;

  /** Where it is among the queues that wait for what others may bring. */
  final BlockedLanes.Place place = new BlockedLanes.Place();

  /** Whether {@link SilenceWatch} has spoken of it since it was last answered. */
  boolean saidSilent;

  /** When it was last seen that it may not be asked; it has been silent no longer than that. */
  long lastBlockedAt;

  /** When a receive was last answered; {@link Long#MIN_VALUE} before the first. */
  long lastAnswerAt = Long.MIN_VALUE;

  Lane(SqsListenerConfig config, EventBus bus, int slots, Condition mayAsk, ListenerClock clock) {
    this.failureLog = new FailureLog(clock);
    this.deleteFailureLog = new FailureLog(clock);
    this.handlerFailureLog = new FailureLog(clock);
    this.leaseFailureLog = new FailureLog(clock);
    this.giveBackFailureLog = new FailureLog(clock);
    this.config = config;
    this.address = QueueAddress.parse(config.queue());
    this.bus = bus;
    this.heat = new Heat(clock.nanoTime());
    this.ages = new MessageAges(clock.nanoTime());
    this.credits = new Credits(config.prefetch(), slots, isFifo());
    this.maxPollers = config.maxPollers().orElse(defaultPollers(slots));
    this.receives = new ParallelReceives(maxPollers);
    this.breaker = new Breaker(config.circuitBreaker());
    this.mayAsk = mayAsk;
    this.priority = config.priority();
    this.lastBlockedAt = clock.nanoTime();
    bus.feedFrom(this);
  }

  /** Users took so long to be told of a receive. */
  void tellingTook(long nanos) {
    tellingTook = nanos;
  }

  long tellingTook() {
    return tellingTook;
  }

  /** A message waits here: in front, or behind the head of its FIFO group. */
  void entered(Delivery delivery) {
    credits.entered(delivery.inFront);
  }

  /** It waits here no more. */
  void left(Delivery delivery) {
    credits.left(delivery.inFront);
  }

  /** Messages that are here only until SQS confirms what becomes of them. */
  int leaving() {
    return deleting + givingBack;
  }

  /** Ten messages a receive, and a round trip about as long as a short handler. */
  private static int defaultPollers(int slots) {
    int most = SqsListenerConfig.MOST_POLLERS;
    return Math.min(most, Math.max(SqsListenerConfig.DEFAULT_MAX_POLLERS, slots / 10));
  }

  String name() {
    return address.name();
  }

  boolean isFifo() {
    return address.isFifo();
  }

  boolean isKnown() {
    return source != null;
  }

  /** What SQS said of it. Only asked for once the queue was found. */
  Source source() {
    return Objects.requireNonNull(source, "a queue that was not found yet");
  }

  void found(Source source) {
    this.expectedBytes = Math.max(1, source.maxMessageBytes());
    this.source = source;
  }

  /** Learns what its messages have: the most, which is forgotten slowly. */
  void arrived(long bytes) {
    expectedBytes =
        sizeIsSeen ? Math.max(bytes, expectedBytes - expectedBytes / 64) : Math.max(1, bytes);
    sizeIsSeen = true;
  }

  @Override
  public String toString() {
    return name();
  }

  /** What people see of it. Under the board's lock. */
  QueueSnapshot snapshot(Board board, long now) {
    boolean canAsk = board.receiving.canAsk(this, now);
    boolean busy = credits.waiting() > 0 || running > 0;
    // A receive that stands with all the credit there is waits for SQS, not for credit.
    boolean served =
        canAsk
            || blockedBy == QueueStatus.IDLE
            || (blockedBy == QueueStatus.NO_CREDIT && receives.underWay() > 0);
    QueueStatus idle = canAsk && receives.underWay() == 0 ? QueueStatus.DUE : QueueStatus.IDLE;
    QueueStatus status = served ? (busy ? QueueStatus.BUSY : idle) : blockedBy;
    if (status == QueueStatus.IDLE && backoff.isFailing()) {
      status = QueueStatus.BACKING_OFF; // the next try is under way, and nothing says it is over
    }
    return new QueueSnapshot(
        name(),
        config.queue(),
        bus.name,
        priority,
        status,
        credits.waiting(),
        running,
        deleting,
        receives.underWay(),
        counters.received,
        counters.handled,
        counters.failed,
        heat.isHot(now, board.receiving.holdOf(this, now)),
        lastAnswerAt == Long.MIN_VALUE
            ? Optional.empty()
            : Optional.of(Duration.ofNanos(now - lastAnswerAt)));
  }
}
