package io.multisqs.testkit.internal;

import io.multisqs.testkit.Fault;
import io.multisqs.testkit.MessageEvent;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageResponse;

/** Deletes received messages and changes their visibility. Called with the server's lock held. */
public final class Changing {

  private final Server server;

  public Changing(Server server) {
    this.server = server;
  }

  public Answer<DeleteMessageResponse> delete(DeleteMessageRequest request) {
    delete(server.at(request.queueUrl()), request.receiptHandle());
    return Answer.of(DeleteMessageResponse.builder().build());
  }

  public Answer<DeleteMessageBatchResponse> deleteBatch(
      DeleteMessageBatchRequest request, @Nullable Fault fault) {
    QueueState queue = server.at(request.queueUrl());
    Batch<DeleteMessageBatchResultEntry> batch =
        Batch.run(
            request.entries(),
            DeleteMessageBatchRequestEntry::id,
            fault,
            entry -> {
              delete(queue, entry.receiptHandle());
              return DeleteMessageBatchResultEntry.builder().id(entry.id()).build();
            });
    return batch.answer(
        DeleteMessageBatchResponse.builder()
            .successful(batch.successful())
            .failed(batch.failed())
            .build());
  }

  public Answer<ChangeMessageVisibilityResponse> change(ChangeMessageVisibilityRequest request) {
    change(server.at(request.queueUrl()), request.receiptHandle(), request.visibilityTimeout());
    return Answer.of(ChangeMessageVisibilityResponse.builder().build());
  }

  public Answer<ChangeMessageVisibilityBatchResponse> changeBatch(
      ChangeMessageVisibilityBatchRequest request, @Nullable Fault fault) {
    QueueState queue = server.at(request.queueUrl());
    Batch<ChangeMessageVisibilityBatchResultEntry> batch =
        Batch.run(
            request.entries(),
            ChangeMessageVisibilityBatchRequestEntry::id,
            fault,
            entry -> {
              change(queue, entry.receiptHandle(), entry.visibilityTimeout());
              return ChangeMessageVisibilityBatchResultEntry.builder().id(entry.id()).build();
            });
    return batch.answer(
        ChangeMessageVisibilityBatchResponse.builder()
            .successful(batch.successful())
            .failed(batch.failed())
            .build());
  }

  private void delete(QueueState queue, @Nullable String handle) {
    Receipt receipt = Receipt.of(queue.name, handle);
    StoredMessage message = queue.backlog.find(receipt.messageId());
    if (message == null) {
      return; // Deleted before: that is what was asked for.
    }
    boolean newest = message.receipt == receipt.number();
    if (queue.fifo() && (!newest || !message.inFlight)) {
      throw SqsErrors.receiptHandle(receipt.handle(), "The receipt handle has expired.");
    }
    if (newest) {
      Attempts.forget(queue, message);
      server.remove(queue, message);
    }
  }

  private void change(QueueState queue, @Nullable String handle, @Nullable Integer timeout) {
    Receipt receipt = Receipt.of(queue.name, handle);
    if (timeout == null) {
      throw SqsErrors.missingParameter("VisibilityTimeout");
    }
    int seconds = Limits.within("VisibilityTimeout", timeout, 0, Limits.VISIBILITY_SECONDS, 0);
    StoredMessage message = queue.backlog.find(receipt.messageId());
    if (message == null || message.receipt != receipt.number()) {
      throw SqsErrors.receiptHandle(
          receipt.handle(),
          "Message does not exist or is not available for visibility timeout change.");
    }
    if (!message.inFlight) {
      throw SqsErrors.messageNotInflight();
    }
    long now = server.time.nanoTime();
    long until = now + QueueSettings.nanos(seconds);
    if (until - message.receivedAt > Limits.VISIBILITY_NANOS) {
      throw SqsErrors.invalidParameter(
          "Value %d for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for"
                  .formatted(seconds)
              + " the message is beyond the limit ["
              + Limits.VISIBILITY_SECONDS
              + " seconds].");
    }
    Attempts.forget(queue, message);
    server.record(MessageEvent.Kind.VISIBILITY_CHANGED, queue, message, now);
    server.fly(queue, message, until);
  }
}
