package io.multisqs.benchmarks.peers;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.batchmanager.SqsAsyncBatchManager;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * The SDK's own batch manager under loops that ask it for messages, and a pool of handlers. As many
 * ask as it has receives of a queue under way at most, for one that waits for each answer leaves
 * most of these unused; all queues share them, one each at the least, for ten on each of a hundred
 * queues would do nothing but ask. None says how long to wait: for so long the manager keeps what
 * it has answered, and with 20 s that fills the heap. Its own 50 ms mean many empty rounds where
 * little comes.
 */
final class BatchManagerPeer implements Consumer {
  private static final int RECEIVES_AT_ONCE = 10;

  private final Setup setup;
  private final SqsAsyncClient sqs;
  private final SqsAsyncBatchManager manager;
  private final ExecutorService pool;
  private final Loops loops = new Loops();

  BatchManagerPeer(Setup setup) {
    this.setup = setup;
    int askers = Math.max(1, RECEIVES_AT_ONCE / setup.queues().size());
    sqs = Http.NETTY.async(setup, Math.max(50, 2 * askers * setup.queues().size()));
    manager = sqs.batchManager();
    pool = Executors.newFixedThreadPool(setup.concurrency() * setup.queues().size());
    for (int lane = 0; lane < setup.queues().size(); lane++) {
      int queue = lane;
      String url = setup.url(lane);
      Semaphore room = new Semaphore(setup.concurrency() + 10 * RECEIVES_AT_ONCE);
      for (int i = 0; i < askers; i++) {
        loops.start("receive-" + lane + "-" + i, () -> step(queue, url, room));
      }
    }
  }

  private void step(int lane, String url, Semaphore room) throws InterruptedException {
    room.acquire(10);
    List<Message> messages = List.of();
    try {
      messages =
          manager.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10)).join().messages();
    } finally {
      room.release(10 - messages.size());
    }
    for (Message message : messages) {
      try {
        pool.execute(() -> work(lane, url, room, message));
      } catch (RejectedExecutionException e) {
        return; // closed in between
      }
    }
  }

  private void work(int lane, String url, Semaphore room, Message message) {
    try {
      setup.handler().handle(lane, message.body());
      var unused =
          manager
              .deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()))
              .whenComplete((deleted, failure) -> report(failure));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      room.release();
    }
  }

  private static void report(@Nullable Throwable failure) {
    if (failure != null) {
      System.err.println("batch-manager: a delete failed: " + failure);
    }
  }

  @Override
  public void close() {
    loops.close();
    pool.shutdownNow();
    manager.close();
    sqs.close();
  }
}
