package io.multisqs.benchmarks.peers;

import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * The least that one can write: as many threads for each queue as handlers are wanted, each of
 * which receives ten, handles them, and deletes them in one call. Nothing overlaps within a thread.
 */
final class RawLoop implements Consumer {
  private final Setup setup;
  private final SqsClient sqs;
  private final Loops loops = new Loops();

  RawLoop(Setup setup, Http http) {
    this.setup = setup;
    sqs = http.sync(setup, setup.concurrency() * setup.queues().size() + 1);
    for (int lane = 0; lane < setup.queues().size(); lane++) {
      int queue = lane;
      for (int i = 0; i < setup.concurrency(); i++) {
        loops.start("raw-" + lane + "-" + i, () -> step(queue));
      }
    }
  }

  private void step(int lane) throws InterruptedException {
    String url = setup.url(lane);
    List<Message> messages =
        sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10).waitTimeSeconds(20))
            .messages();
    if (messages.isEmpty()) {
      return;
    }
    List<DeleteMessageBatchRequestEntry> done = new ArrayList<>(messages.size());
    for (Message message : messages) {
      setup.handler().handle(lane, message.body());
      done.add(
          DeleteMessageBatchRequestEntry.builder()
              .id(Integer.toString(done.size()))
              .receiptHandle(message.receiptHandle())
              .build());
    }
    sqs.deleteMessageBatch(r -> r.queueUrl(url).entries(done));
  }

  @Override
  public void close() {
    loops.close();
    sqs.close();
  }
}
