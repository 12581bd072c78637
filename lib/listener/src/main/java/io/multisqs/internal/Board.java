package io.multisqs.internal;

import io.multisqs.ListenerClock;
import io.multisqs.ListenerSnapshot;
import io.multisqs.ListenerState;
import io.multisqs.QueueSnapshot;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All that changes while a listener runs, and the one lock that guards it. Whoever holds the lock
 * decides; what is to be done about it is left with {@link #later} and happens after the unlock.
 */
final class Board {
  private static final Log log = Log.of("io.multisqs.Board");

  /** Why a message is released whose queue's breaker opened. */
  static final String BREAKER_OPENED = "circuit breaker";

  private final ReentrantLock lock = new SureLock();

  /** Signalled when something ended that a stop waits for. */
  private final Condition ended = lock.newCondition();

  final ListenerClock clock;
  final Suspensions suspensions;
  final List<Lane> lanes = new ArrayList<>();
  final List<EventBus> buses;
  final Slots slots;
  final Ranking ranking;
  final ByteBudget bytes;
  final HandledHere handledHere = new HandledHere();
  private final HoldBudget holdBudget;
  final Effects effects;
  final Choice choice;
  final Receiving receiving;
  final Arrivals arrivals = new Arrivals(this);
  final Finishing finishing = new Finishing(this);
  final Leases leases = new Leases(this);
  final Departures departures = new Departures(this);
  final Stopping stopping = new Stopping(this);
  private final Deque<Runnable> later = new ArrayDeque<>();

  private boolean shut;

  /** Whether receives and starts may begin. Written under the lock. */
  private volatile boolean open;

  private long sequence;
  private final IdleThreads idleSlots;

  /** Whose handler ended last, while its slot may take the next message at once. */
  private @Nullable Lane leftLast;

  Board(
      ListenerClock clock,
      List<EventBus> buses,
      int concurrency,
      Ranking ranking,
      PriorityHold hold,
      ByteBudget bytes,
      Effects effects) {
    this.clock = clock;
    this.effects = effects;
    this.suspensions = new Suspensions(clock);
    this.buses = List.copyOf(buses);
    this.slots = new Slots(concurrency, this.buses);
    this.idleSlots = new IdleThreads(concurrency);
    this.ranking = ranking;
    this.bytes = bytes;
    this.receiving = new Receiving(this, hold);
    this.holdBudget = new HoldBudget(concurrency, clock.nanoTime());
    this.choice = new Choice(this, holdBudget);
  }

  Condition newCondition() {
    return lock.newCondition();
  }

  void lock() {
    lock.lock();
  }

  /** Unlocks, then does what was left for later. */
  void unlock() {
    if (later.isEmpty() || lock.getHoldCount() > 1) {
      lock.unlock();
      return;
    }
    Runnable first = later.pollFirst();
    List<Runnable> others = List.of();
    try {
      if (!later.isEmpty()) {
        others = new ArrayList<>(later);
        later.clear();
      }
    } catch (OutOfMemoryError e) {
      // Left for whoever unlocks next. What was decided is not lost over it, nor the lock kept.
    } finally {
      lock.unlock();
    }
    act(first);
    others.forEach(Board::act);
  }

  /** Lets nothing escape: who unlocks is in the middle of something that must not be lost. */
  private static void act(Runnable action) {
    try {
      action.run();
    } catch (Throwable e) {
      log.error("something that was left for after the unlock failed; the listener goes on", e);
    }
  }

  /** Leaves something to be done after the unlock, in order. */
  void later(Runnable action) {
    later.add(action);
  }

  /** The same, for what may be left undone where there is no memory for it. */
  void tryLater(Runnable action) {
    try {
      later(action);
    } catch (OutOfMemoryError e) {
      // What it was for is found by who looks at the clock: leases, silent queues, strays.
      somethingEnded();
    }
  }

  /**
   * Waits, for as long at most; returns early, and with the lock given up once, if work is left.
   */
  @SuppressWarnings("WaitNotInLoop") // every caller has its own loop, and decides again
  void await(Condition condition, long nanos) throws InterruptedException {
    if (!later.isEmpty()) {
      unlock();
      lock();
    } else if (nanos > 0) {
      clock.await(lock, condition, nanos);
    }
  }

  /** Asserts, in tests, that the calling thread has the lock. */
  void assertLocked() {
    assert lock.isHeldByCurrentThread() : "the board's lock is not held";
  }

  /**
   * Asserts, in tests, that the calling thread does not have the lock: users are called, or SQS.
   */
  void assertNotLocked() {
    assert !lock.isHeldByCurrentThread() : "the board's lock is held";
  }

  /** Whether receives and starts may begin. With or without the lock. */
  boolean isOpen() {
    return open;
  }

  /** Lets receives and starts begin, unless a stop came first. */
  void open() {
    lock();
    try {
      open = !shut;
    } finally {
      unlock();
    }
  }

  /** No new receive and no new start from here on. */
  void shut() {
    assertLocked();
    shut = true;
    open = false;
    wakeEveryone();
  }

  /** Something ended that a stop may wait for. */
  void somethingEnded() {
    ended.signalAll();
  }

  void wakeEveryone() {
    idleSlots.wakeAll();
    ended.signalAll();
    lanes.forEach(lane -> lane.mayAsk.signalAll());
  }

  // ---- the way of a message -------------------------------------------------------------------

  /** A message arrived: it waits in its bus, behind its group's head, or with its paused queue. */
  void enter(Delivery delivery, long now) {
    Lane lane = delivery.lane;
    delivery.sequence = sequence++;
    if (!delivery.ownPriority) {
      delivery.priority = lane.priority;
    }
    delivery.key = ranking.stamp(delivery.priority, now);
    String group = delivery.group();
    boolean entered = false;
    try {
      lane.here.put(delivery.id(), delivery);
      delivery.inFront = group == null || lane.groups.add(group, delivery);
      delivery.ahead = lane.credits.waiting() + lane.credits.behind();
      lane.entered(delivery);
      entered = true;
      if (delivery.inFront) {
        place(delivery);
      }
    } catch (Throwable e) {
      // Half here it would be kept leased, and never start. Not here it returns by itself.
      lane.here.remove(delivery.id(), delivery);
      if (group != null) {
        lane.groups.remove(group, delivery);
      }
      if (entered) {
        lane.left(delivery);
      }
      throw e;
    }
    takeBytes(delivery.lane, delivery.bytes);
    wakeSlot();
  }

  private static void place(Delivery delivery) {
    if (delivery.lane.paused || delivery.lane.breakerOpened) {
      delivery.lane.parked.add(delivery);
    } else {
      delivery.lane.bus.offer(delivery);
    }
  }

  private void offer(Delivery delivery) {
    place(delivery);
    wakeSlot();
  }

  /**
   * Compares the wall clock with monotonic time, as is to be done before leases are looked at. The
   * board's lock may be held or not.
   */
  void lookForSuspension(long now) {
    long gain = suspensions.look(now);
    if (gain > 0) {
      Runnable tell =
          () -> {
            log.warn(
                "the wall clock gained {} ms on monotonic time: the machine stood still, or its"
                    + " clock was set; what waits here and may have become visible to others"
                    + " meanwhile is not started, and will be received again",
                gain / 1_000_000);
            effects.stoodStill();
          };
      if (lock.isHeldByCurrentThread()) {
        later(tell);
      } else {
        tell.run();
      }
    }
  }

  /** Its lease on the monotonic clock, less what the wall clock gained since it was counted. */
  Lease leaseOf(Delivery delivery) {
    Lease lease = delivery.lease;
    return lease.earlierBy(suspensions.since(lease.askedAt()));
  }

  // ---- starts ---------------------------------------------------------------------------------

  /**
   * Waits until a message starts in this slot.
   *
   * @return false if none will any more
   * @throws InterruptedException if the thread was interrupted
   */
  boolean awaitStart(Slot slot) throws InterruptedException {
    lock();
    try {
      while (open) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        long now = clock.nanoTime();
        startNext(slot, now);
        if (!slot.isEmpty()) {
          return true;
        }
        awaitStartable(now);
      }
      return false;
    } finally {
      unlock();
    }
  }

  /** Starts a message in this slot, if there is one to start now. */
  void tryStart(Slot slot) {
    lock();
    try {
      startNext(slot, clock.nanoTime());
    } finally {
      unlock();
    }
  }

  /** Wakes an idle slot, if something waits. */
  void wakeAnotherSlot() {
    lock();
    try {
      wakeSlot();
    } finally {
      unlock();
    }
  }

  /**
   * Starts the best message whose lease surely holds (I6); those that may be with another consumer
   * are dropped.
   */
  void startNext(Slot slot, long now) {
    boolean looked = false;
    for (Delivery best = choice.best(now); best != null; best = choice.best(now)) {
      if (!looked) {
        lookForSuspension(now);
        looked = true;
      }
      if (leaseOf(best).leavesTimeToStart(now, best.lane.source().visibility())) {
        start(best, now);
        slot.start(best);
        return;
      }
      leases.drop(best);
    }
  }

  /** Takes it out of its bus, and a slot for it. */
  void start(Delivery best, long now) {
    Lane lane = best.lane;
    lane.bus.remove(best);
    best.stage = Delivery.Stage.RUNNING;
    best.startedAt = now;
    slots.take(lane.bus);
    lane.running++;
    try {
      leave(best);
      holdBudget.started(lane.priority, slots.all() - slots.inUse(), now, this::tellHeld);
      if (best.ahead >= 0) {
        lane.credits.started(now - best.arrivedAt, best.ahead);
        best.ahead = -1;
      }
      ranking.started(best.key);
      if (leftLast != null) {
        receiving.handlerEnded(leftLast, now);
        leftLast = null;
      }
      receiving.wakePollers(lane, now);
      receiving.wakeForMemory(now);
      wakeSlot();
    } catch (OutOfMemoryError e) {
      // It has its slot, and is to run. Who was not woken here is woken by the next message.
      wakeSlot();
    }
  }

  /** From now on so many slots stand idle as lower work waits for higher queues. */
  void slotsHeld(int count, long now) {
    holdBudget.hold(count, now, this::tellHeld);
  }

  private void tellHeld(Duration slotTime) {
    later(() -> effects.lowerWorkHeld(slotTime));
  }

  /** How many messages wait in front, of all queues. */
  int waitingInFront() {
    int waiting = 0;
    for (Lane lane : lanes) {
      waiting += lane.credits.waiting();
    }
    return waiting;
  }

  /** Whether a message waits that goes before this one, cannot start, and could in its slot. */
  boolean shouldYield(Delivery running) {
    lock();
    try {
      return choice.higherWorkWaitsFor(running);
    } finally {
      unlock();
    }
  }

  /**
   * A handler ended, and its slot may take another message at once; if none starts in it under this
   * lock, {@link #slotIsFree} has to follow. For {@link Finishing} alone.
   */
  void leaveSlot(Delivery delivery, Delivery.Stage next, long now) {
    Lane lane = delivery.lane;
    slots.free(lane.bus);
    holdBudget.ended(lane.priority, now);
    lane.running--;
    leftLast = lane;
    if (next == Delivery.Stage.DELETING || next == Delivery.Stage.GIVING_BACK) {
      leaving(delivery, next);
    } else {
      delivery.stage = next;
    }
    ended.signalAll();
  }

  /** A slot came free that was not taken at once. */
  void slotIsFree(long now) {
    leftLast = null;
    receiving.wakePollersForSlot(now);
    wakeSlot();
  }

  /**
   * It is not to start, or not again, but stays here until SQS has confirmed what becomes of it.
   */
  void leaving(Delivery delivery, Delivery.Stage stage) {
    delivery.stage = stage;
    if (stage == Delivery.Stage.DELETING) {
      delivery.lane.deleting++;
      delivery.letBodyGo();
    } else {
      delivery.lane.givingBack++;
    }
    takeBytes(delivery.lane, delivery.bytes);
  }

  /** It yielded: back to its place, with its stamp. */
  void reenter(Delivery delivery) {
    delivery.inFront = true;
    delivery.lane.entered(delivery);
    takeBytes(delivery.lane, delivery.bytes);
    offer(delivery);
  }

  /** Takes a waiting message out, wherever it waits. */
  void withdraw(Delivery delivery) {
    if (!delivery.lane.bus.remove(delivery)) {
      delivery.lane.parked.remove(delivery);
    }
    leave(delivery);
    delivery.outcome = Outcome.RELEASED;
    ranking.withdrawn(delivery.priority);
    receiving.wakePollers(delivery.lane, clock.nanoTime());
  }

  /**
   * Takes one of a FIFO group out of the group, and out of this process all that wait behind it, as
   * they would overtake it; returns those, in order.
   */
  List<Delivery> withdrawBehind(Delivery delivery) {
    String group = delivery.group();
    List<Delivery> behind = group == null ? List.of() : delivery.lane.groups.cut(group, delivery);
    for (Delivery next : behind) {
      withdraw(next);
      leaving(next, Delivery.Stage.GIVING_BACK);
    }
    return behind;
  }

  /** All that wait of one queue, by arrival. */
  private static List<Delivery> waitingInOrder(Lane lane) {
    List<Delivery> waiting = new ArrayList<>();
    for (Delivery delivery : lane.here.values()) {
      if (delivery.stage == Delivery.Stage.WAITING) {
        waiting.add(delivery);
      }
    }
    waiting.sort(java.util.Comparator.comparingLong(d -> d.sequence));
    return waiting;
  }

  /** Takes out all that wait of one queue; FIFO groups in order. */
  List<Delivery> withdrawAll(Lane lane) {
    List<Delivery> waiting = waitingInOrder(lane);
    for (Delivery delivery : waiting) {
      String group = delivery.group();
      if (group != null) {
        lane.groups.remove(group, delivery);
      }
      withdraw(delivery);
      leaving(delivery, Delivery.Stage.GIVING_BACK);
    }
    return waiting;
  }

  void takeBytes(Lane lane, long count) {
    bytes.take(count);
    lane.bytesTaken += count;
  }

  void giveBytes(Lane lane, long count) {
    bytes.give(count);
    lane.bytesTaken -= count;
  }

  /** The one place where a message's credit and bytes are closed. */
  private void leave(Delivery delivery) {
    giveBytes(delivery.lane, delivery.bytes);
    delivery.lane.left(delivery);
  }

  /** It is no longer this process's; on a FIFO queue the next of its group comes forward. */
  void close(Delivery delivery, Outcome outcome) {
    if (delivery.stage == Delivery.Stage.CLOSED) {
      return;
    }
    Lane lane = delivery.lane;
    if (delivery.stage == Delivery.Stage.DELETING || delivery.stage == Delivery.Stage.GIVING_BACK) {
      if (delivery.stage == Delivery.Stage.DELETING) {
        lane.deleting--;
      } else {
        lane.givingBack--;
      }
      giveBytes(delivery.lane, delivery.bytes);
    }
    delivery.stage = Delivery.Stage.CLOSED;
    lane.here.remove(delivery.id(), delivery);
    lane.counters.ended(outcome);
    String group = delivery.group();
    if (group != null && outcome.isFinal()) {
      lane.failedHeads.settled(group);
    }
    Delivery next = group == null ? null : lane.groups.headDone(group, delivery);
    if (next != null) {
      lane.left(next);
      next.inFront = true;
      lane.entered(next);
      offer(next);
    }
    receiving.wakeForMemory(clock.nanoTime());
    ended.signalAll();
  }

  // ---- while it runs --------------------------------------------------------------------------

  /** Pauses or resumes a queue; what waits here stays here, leased. */
  void pause(Lane lane, boolean paused) {
    lock();
    try {
      if (lane.paused != paused) {
        changePaused(lane, paused);
      }
    } finally {
      unlock();
    }
  }

  /** Pauses or resumes a bus; what waits here stays here, leased. */
  void pause(EventBus bus, boolean paused) {
    lock();
    try {
      bus.paused = paused;
      wakeEveryone();
    } finally {
      unlock();
    }
  }

  private void changePaused(Lane lane, boolean paused) {
    lane.paused = paused;
    if (paused) {
      park(lane);
    } else if (!lane.breakerOpened) {
      for (int last = lane.parked.size() - 1; last >= 0; last--) {
        lane.bus.offer(lane.parked.get(last));
        lane.parked.remove(last);
      }
    }
    wakeEveryone();
  }

  private static void park(Lane lane) {
    for (Delivery delivery : lane.bus.all()) {
      if (delivery.lane == lane) {
        lane.parked.add(delivery); // first, as it needs memory
        lane.bus.remove(delivery);
      }
    }
  }

  /** Its breaker opened: nothing that waits is started; returns what to release now. */
  List<Delivery> breakerOpened(Lane lane) {
    lane.breakerOpened = true;
    park(lane);
    return leftovers(lane);
  }

  /**
   * What waits of a queue whose breaker opened, to be released: once no receive is out, which would
   * bring it right back, at one receive count each.
   */
  List<Delivery> leftovers(Lane lane) {
    if (!lane.breakerOpened || lane.receives.underWay() > 0) {
      return List.of();
    }
    lane.breakerOpened = false;
    return withdrawAll(lane);
  }

  /** Gives a queue, and those of its messages that have none of their own, another priority. */
  void reprioritise(Lane lane, int priority) {
    lock();
    try {
      changePriority(lane, priority);
      wakeEveryone();
    } finally {
      unlock();
    }
  }

  /** Gives all queues of a bus another priority. */
  void reprioritise(EventBus bus, int priority) {
    lock();
    try {
      for (Lane lane : lanes) {
        if (lane.bus == bus) {
          changePriority(lane, priority);
        }
      }
      wakeEveryone();
    } finally {
      unlock();
    }
  }

  private void changePriority(Lane lane, int priority) {
    lane.priority = priority;
    lane.bus.prioritiesChanged();
    for (Delivery delivery : waitingInOrder(lane)) {
      if (!delivery.ownPriority) {
        boolean inBus = lane.bus.remove(delivery);
        ranking.withdrawn(delivery.priority);
        lane.left(delivery);
        delivery.priority = priority;
        delivery.key = ranking.stamp(priority, delivery.arrivedAt);
        lane.entered(delivery);
        if (inBus) {
          lane.bus.offer(delivery);
        }
      }
    }
  }

  // ---- what people ask ------------------------------------------------------------------------

  /** What it is doing, all parts at the same moment. */
  ListenerSnapshot snapshot(ListenerState state) {
    lock();
    try {
      long now = clock.nanoTime();
      List<QueueSnapshot> queues = new ArrayList<>();
      for (Lane lane : lanes) {
        queues.add(lane.snapshot(this, now));
      }
      return new ListenerSnapshot(
          state, slots.all(), slots.inUse(), holdBudget.heldInAll(now), queues);
    } finally {
      unlock();
    }
  }

  /**
   * The queues that should be received from and were not answered for so long, and for how long.
   */
  List<String> silentFor(Duration silence) {
    List<String> silent = new ArrayList<>();
    lock();
    try {
      long now = clock.nanoTime();
      for (Lane lane : lanes) {
        boolean should = SilenceWatch.shouldBeReceived(this, lane, now);
        long nanos = now - SilenceWatch.silentSince(lane);
        if (should && nanos > SilenceWatch.allowed(lane, silence)) {
          silent.add(lane.name() + " for " + Duration.ofNanos(nanos).toSeconds() + " s");
        }
      }
    } finally {
      unlock();
    }
    return silent;
  }

  /** All messages that are here of these queues. */
  List<Delivery> hereOf(Predicate<Lane> queues) {
    List<Lane> some = lanes.stream().filter(queues).toList();
    if (some.isEmpty()) {
      return List.of();
    }
    List<Delivery> here = new ArrayList<>();
    lock();
    try {
      some.forEach(lane -> here.addAll(lane.here.values()));
    } finally {
      unlock();
    }
    return here;
  }

  // ---- waiting --------------------------------------------------------------------------------

  /** A slot's thread waits until something may be startable; what is left for later goes first. */
  void awaitStartable(long now) throws InterruptedException {
    if (!later.isEmpty()) {
      // Not as one that is idle: it could be woken while it is busy with that.
      unlock();
      lock();
      return;
    }
    IdleThreads.Place mine = new IdleThreads.Place(lock.newCondition());
    long at = choice.chooseAgainAt();
    idleSlots.enters(mine, at);
    try {
      await(mine.condition, mine.watches() ? at - now : Long.MAX_VALUE);
    } finally {
      idleSlots.leaves(mine);
    }
  }

  /** Whoever makes something startable wakes one slot, and each that starts one wakes the next. */
  void wakeSlot() {
    if (!idleSlots.isEmpty() && somethingWaits()) {
      idleSlots.wakeOne(clock.nanoTime());
    }
  }

  private boolean somethingWaits() {
    for (EventBus bus : buses) {
      if (bus.head() != null) {
        return true;
      }
    }
    return false;
  }

  /** A stop waits until something ended. */
  void awaitEnd(long nanos) throws InterruptedException {
    await(ended, nanos);
  }
}
