package io.multisqs.benchmarks.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * The bare loop over an asynchronous client: as many receives under way for each queue as handlers
 * are wanted, each answer handled by one thread of a pool, deleted in one call, and followed by the
 * next receive.
 */
final class RawAsync implements Consumer {
  private final Setup setup;
  private final SqsAsyncClient sqs;
  private final ExecutorService pool;
  private volatile boolean closed;

  RawAsync(Setup setup, Http http) {
    this.setup = setup;
    int loops = setup.concurrency() * setup.queues().size();
    sqs = http.async(setup, 2 * loops);
    pool = Executors.newFixedThreadPool(loops);
    for (int lane = 0; lane < setup.queues().size(); lane++) {
      for (int i = 0; i < setup.concurrency(); i++) {
        receive(lane);
      }
    }
  }

  private void receive(int lane) {
    if (closed) {
      return;
    }
    String url = setup.url(lane);
    var unused =
        sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10).waitTimeSeconds(20))
            .whenComplete(
                (answer, failure) -> {
                  if (closed) {
                    return;
                  }
                  if (failure != null) {
                    System.err.println("raw-async: " + failure);
                  }
                  try {
                    pool.execute(
                        () -> work(lane, url, answer == null ? List.of() : answer.messages()));
                  } catch (RejectedExecutionException e) {
                    // closed in between
                  }
                });
  }

  private void work(int lane, String url, List<Message> messages) {
    List<DeleteMessageBatchRequestEntry> done = new ArrayList<>(messages.size());
    try {
      for (Message message : messages) {
        setup.handler().handle(lane, message.body());
        done.add(
            DeleteMessageBatchRequestEntry.builder()
                .id(Integer.toString(done.size()))
                .receiptHandle(message.receiptHandle())
                .build());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (!done.isEmpty()) {
      var unused = sqs.deleteMessageBatch(r -> r.queueUrl(url).entries(done));
    }
    receive(lane);
  }

  @Override
  public void close() {
    closed = true;
    pool.shutdownNow();
    sqs.close();
  }
}
