package io.multisqs.benchmarks.peers;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * What a careful user writes by hand: for each queue a few threads that receive, a pool that
 * handles, and a few threads that delete in batches, with a bound on what is under way.
 */
final class RawPool implements Consumer {
  private static final int FEWEST = 16;

  private final Setup setup;
  private final SqsClient sqs;
  private final Loops loops = new Loops();
  private final ExecutorService pool;

  /** As many threads receive, and as many delete: a thread for ten slots, as requests hold ten. */
  private final int each;

  RawPool(Setup setup, Http http) {
    this.setup = setup;
    int queues = setup.queues().size();
    each = Math.max(FEWEST, setup.concurrency() / 10);
    sqs = http.sync(setup, 2 * each * queues);
    pool = Executors.newFixedThreadPool(setup.concurrency() * queues);
    for (int lane = 0; lane < queues; lane++) {
      listen(lane);
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
