package io.multisqs.benchmarks.peers;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * What a careful user writes by hand: for each queue a few threads that receive, a pool that
 * handles, and a few threads that delete in batches, with a bound on what is under way.
 */
final class RawPool implements Consumer {
  /** As many receives under way at once as this library has, and Spring with 200 slots. */
  private static final int FEWEST = 20;

  private final Setup setup;
  private final SqsClient sqs;
  private final Loops loops;
  private final ExecutorService pool;

  /** As many threads receive, and as many delete: a thread for ten slots, as requests hold ten. */
  private final int each;

  private RawPool(Setup setup, Http http, ThreadFactory threads) {
    this.setup = setup;
    loops = new Loops(threads);
    int queues = setup.queues().size();
    each = Math.max(FEWEST, setup.concurrency() / 10);
    sqs = http.sync(setup, 2 * each * queues);
    pool = Executors.newFixedThreadPool(setup.concurrency() * queues, threads);
    for (int lane = 0; lane < queues; lane++) {
      listen(lane);
    }
  }

  static RawPool platformThreads(Setup setup, Http http) {
    return new RawPool(setup, http, Thread::new);
  }

  /** On the SDK's default client, every thread a virtual one; for JDK 21 and later. */
  static RawPool virtualThreads(Setup setup) {
    try {
      // By reflection, as this is compiled for Java 17.
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      Object factory =
          Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
      return new RawPool(setup, Http.APACHE5, (ThreadFactory) factory);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("raw-pool-virtual needs a JDK of 21 or later", e);
    }
  }

  private void listen(int lane) {
    String url = setup.url(lane);
    BatchDeleter deleter = new BatchDeleter(sqs, url, each, loops);
    Semaphore room = new Semaphore(setup.concurrency() + 10 * each);
    for (int i = 0; i < each; i++) {
      loops.start("receive-" + lane + "-" + i, () -> step(lane, url, room, deleter));
    }
  }

  private void step(int lane, String url, Semaphore room, BatchDeleter deleter)
      throws InterruptedException {
    room.acquire(10);
    List<Message> messages = List.of();
    try {
      messages =
          sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10).waitTimeSeconds(20))
              .messages();
    } finally {
      room.release(10 - messages.size());
    }
    for (Message message : messages) {
      pool.execute(
          () -> {
            try {
              setup.handler().handle(lane, message.body());
              deleter.delete(message.receiptHandle());
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            } finally {
              room.release();
            }
          });
    }
  }

  @Override
  public void close() {
    loops.close();
    pool.shutdownNow();
    sqs.close();
  }
}
