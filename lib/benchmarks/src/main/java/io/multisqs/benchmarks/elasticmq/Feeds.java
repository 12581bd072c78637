package io.multisqs.benchmarks.elasticmq;

import io.multisqs.testkit.LocalSqs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** Sends messages into the queues of a server, as users send them. Safe for use by many threads. */
final class Feeds implements AutoCloseable {
  /** An endless queue is filled up to this; many times what all receives under way can take. */
  private static final int DEEP = 3_000;

  private static final int AT_ONCE = 200;
  private static final int SENDERS = 4;
  private static final int BATCH = 10;

  private final LocalSqs sqs;
  private final Map<String, String> urls = new ConcurrentHashMap<>();
  private final AtomicInteger ranDry = new AtomicInteger();
  private final ScheduledExecutorService threads =
      Executors.newScheduledThreadPool(
          2 * SENDERS,
          task -> {
            Thread thread = new Thread(task, "feed");
            thread.setDaemon(true);
            return thread;
          });

  /** What is ordered in the background. Guarded by this. */
  private final List<Future<?>> running = new ArrayList<>();

  /** Whoever sends in the background holds the read lock: what is under way is drained too. */
  private final ReentrantReadWriteLock draining = new ReentrantReadWriteLock();

  /** Raised to end what was ordered before. Guarded by the lock and, where written, by this. */
  private int epoch;

  Feeds(LocalSqs sqs) {
    this.sqs = sqs;
  }

  /**
   * A new queue, in place of any of that name: on the old one the long polls of a consumer that was
   * killed would go on for seconds, and take messages that nobody handles.
   */
  synchronized void create(String queue, Duration visibility) {
    String old = urls.remove(queue);
    if (old != null) {
      sqs.client().deleteQueue(r -> r.queueUrl(old));
    }
    urls.put(
        queue,
        sqs.createQueue(
            queue, Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "" + visibility.toSeconds())));
  }

  /** Sends so many messages of one body, ten at a time. */
  void send(String queue, String mark, int count, int bytes) {
    String body = padded(mark, bytes);
    for (int left = count; left > 0; left -= BATCH) {
      List<SendMessageBatchRequestEntry> entries = new ArrayList<>(BATCH);
      for (int i = 0; i < Math.min(BATCH, left); i++) {
        entries.add(SendMessageBatchRequestEntry.builder().id("" + i).messageBody(body).build());
      }
      sqs.client().sendMessageBatch(r -> r.queueUrl(url(queue)).entries(entries));
    }
  }

  /** From now on the queue is filled up again and again. */
  synchronized void endless(String queue, int bytes) {
    send(queue, "0", AT_ONCE, bytes);
    Runnable fillUp = untilDrained(() -> fillUp(queue, bytes));
    for (int i = 0; i < SENDERS; i++) {
      running.add(threads.scheduleWithFixedDelay(fillUp, 0, 2, TimeUnit.MILLISECONDS));
    }
  }

  private void fillUp(String queue, int bytes) {
    int visible = visible(queue);
    if (visible == 0) {
      ranDry.incrementAndGet();
    }
    if (visible < DEEP) {
      send(queue, "0", AT_ONCE, bytes);
    }
  }

  private int visible(String queue) {
    QueueAttributeName visible = QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES;
    return Integer.parseInt(
        sqs.client()
            .getQueueAttributes(r -> r.queueUrl(url(queue)).attributeNames(visible))
            .attributes()
            .getOrDefault(visible, "0"));
  }

  /** Sends {@code count} messages, once if there is no interval; each says when its burst began. */
  synchronized void burst(String queue, int count, int bytes, long everyNanos) {
    Runnable one = untilDrained(() -> send(queue, "" + System.nanoTime(), count, bytes));
    running.add(
        everyNanos == 0
            ? threads.submit(one)
            : threads.scheduleAtFixedRate(one, 0, everyNanos, TimeUnit.NANOSECONDS));
  }

  /** What fails is said, and is tried again where it is repeated. */
  private Runnable untilDrained(Runnable send) {
    int ordered = epoch;
    return () -> {
      draining.readLock().lock();
      try {
        if (epoch == ordered) {
          send.run();
        }
      } catch (SdkException e) {
        System.err.println("feeding failed: " + e);
      } finally {
        draining.readLock().unlock();
      }
    };
  }

  /** Ends all feeding, and drops the queue's messages. */
  synchronized void drain(String queue) {
    running.forEach(task -> task.cancel(false));
    running.clear();
    draining.writeLock().lock();
    try {
      epoch++;
      sqs.client().purgeQueue(r -> r.queueUrl(url(queue)));
    } finally {
      draining.writeLock().unlock();
    }
  }

  /** How many looks found an endless queue empty. */
  int ranDry() {
    return ranDry.get();
  }

  void forgetDry() {
    ranDry.set(0);
  }

  private String url(String queue) {
    String url = urls.get(queue);
    if (url == null) {
      throw new IllegalArgumentException("no such queue: " + queue);
    }
    return url;
  }

  /** The mark, a blank, and filling up to that size. */
  static String padded(String mark, int bytes) {
    return bytes <= mark.length() ? mark : mark + " " + "x".repeat(bytes - mark.length() - 1);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
