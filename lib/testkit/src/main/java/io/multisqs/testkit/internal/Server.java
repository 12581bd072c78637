package io.multisqs.testkit.internal;

import io.multisqs.testkit.MessageEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state of an in-memory SQS. One lock guards all of it, queues and messages included; every
 * method but {@link #locked} wants it held.
 */
public final class Server {

  private static final String ACCOUNT = "000000000000";

  final String region;
  final Time time;
  final ReentrantLock lock = new ReentrantLock();
  final FaultPlan faults = new FaultPlan(lock);
  final CallLog calls = new CallLog();

  private final Map<String, QueueState> queues = new TreeMap<>();
  private final Map<String, Long> deletedAt = new HashMap<>();
  private final List<MessageEvent> events = new ArrayList<>();
  private long lastNumber;
  private boolean closed;

  public Server(Time time, String region) {
    this.time = time;
    this.region = region;
  }

  <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /** The name in a queue's URL: its last part. */
  public static String nameIn(@Nullable String url) {
    return url == null ? "" : url.substring(url.lastIndexOf('/') + 1);
  }

  String urlOf(String name) {
    return "http://sqs." + region + ".localhost/" + ACCOUNT + "/" + name;
  }

  String arnOf(String name) {
    return "arn:aws:sqs:" + region + ":" + ACCOUNT + ":" + name;
  }

  /** The queue with this URL, its messages as they are now. */
  QueueState at(@Nullable String url) {
    if (url == null) {
      throw SqsErrors.missingParameter("QueueUrl");
    }
    QueueState queue = queues.get(nameIn(url));
    if (queue == null || !queue.url.equals(url)) {
      throw SqsErrors.queueDoesNotExist();
    }
    queue.backlog.promote(time.nanoTime());
    return queue;
  }

  @Nullable QueueState named(@Nullable String name) {
    QueueState queue = name == null ? null : queues.get(name);
    if (queue != null) {
      queue.backlog.promote(time.nanoTime());
    }
    return queue;
  }

  @Nullable QueueState withArn(String arn) {
    String name = arn.substring(arn.lastIndexOf(':') + 1);
    return arn.equals(arnOf(name)) ? named(name) : null;
  }

  List<QueueState> queues() {
    return List.copyOf(queues.values());
  }

  QueueState create(String name, QueueSettings settings) {
    long now = time.nanoTime();
    Long deletion = deletedAt.get(name);
    if (deletion != null && now - deletion < Limits.RECREATE_NANOS) {
      throw SqsErrors.queueDeletedRecently();
    }
    Condition changed = lock.newCondition();
    QueueState queue =
        new QueueState(name, urlOf(name), arnOf(name), settings, now, changed, this::recordVisible);
    queues.put(name, queue);
    return queue;
  }

  void delete(QueueState queue) {
    queues.remove(queue.name);
    deletedAt.put(queue.name, time.nanoTime());
    queue.deleted = true;
    time.signalAll(queue.changed);
  }

  /** Puts a message into a queue and wakes who waits for one. */
  void put(QueueState queue, StoredMessage message) {
    record(MessageEvent.Kind.ARRIVED, queue, message, time.nanoTime());
    queue.backlog.add(message);
    queue.backlog.promote(time.nanoTime());
    time.signalAll(queue.changed);
  }

  /** Moves a message to another queue, as redrive does. */
  void move(StoredMessage message, QueueState from, QueueState to, boolean deadLetter) {
    long now = time.nanoTime();
    from.backlog.remove(message);
    record(MessageEvent.Kind.MOVED, from, message, now);
    // On a FIFO queue the age begins anew; on a standard queue it goes on.
    long sentAt = from.fifo() ? now : message.sentAt;
    put(to, message.moved(sentAt, now, nextNumber(), deadLetter ? from.arn : null));
  }

  void remove(QueueState queue, StoredMessage message) {
    queue.backlog.remove(message);
    record(MessageEvent.Kind.DELETED, queue, message, time.nanoTime());
    if (queue.fifo()) {
      time.signalAll(queue.changed); // Its group may be free now.
    }
  }

  /** Takes a message in flight, or keeps it there, until the given time. */
  void fly(QueueState queue, StoredMessage message, long until) {
    boolean sooner = message.inFlight && until < message.visibleAt;
    queue.backlog.fly(message, until);
    queue.backlog.promote(time.nanoTime());
    if (sooner) {
      time.signalAll(queue.changed); // Polls wait for the time that held before.
    }
  }

  String nextMessageId() {
    return new UUID(0, nextNumber()).toString();
  }

  /** Rising numbers, for arrivals, receipts and ids. */
  long nextNumber() {
    return ++lastNumber;
  }

  void record(MessageEvent.Kind kind, QueueState queue, StoredMessage message, long at) {
    events.add(
        new MessageEvent(
            kind, queue.name, message.id, message.body, time.at(at), at, message.receiveCount));
  }

  /** What happened until now, in the order of time. */
  List<MessageEvent> events() {
    queues.values().forEach(queue -> queue.backlog.promote(time.nanoTime()));
    // A stable sort: what became visible was written down when somebody looked.
    return events.stream().sorted(Comparator.comparingLong(MessageEvent::nanoTime)).toList();
  }

  void forgetEvents() {
    events.clear();
  }

  void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("the SQS client is closed");
    }
  }

  void close() {
    closed = true;
    queues.values().forEach(queue -> time.signalAll(queue.changed));
  }

  private void recordVisible(QueueState queue, StoredMessage message) {
    record(MessageEvent.Kind.VISIBLE, queue, message, message.visibleAt);
  }
}
