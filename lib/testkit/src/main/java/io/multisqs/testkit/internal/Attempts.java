package io.multisqs.testkit.internal;

import java.util.List;
import java.util.Objects;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/**
 * Receives from FIFO queues that are repeated under the same {@code ReceiveRequestAttemptId}. They
 * bring the same messages with the same receipt handles, as long as none of them has been deleted,
 * changed or received by another since. Guarded by the server's lock.
 */
final class Attempts {

  private Attempts() {}

  /** The messages of the attempt, to be leased anew; none if there is nothing to repeat. */
  static List<StoredMessage> repeat(QueueState queue, ReceiveMessageRequest request, long now) {
    queue.attempts.values().removeIf(attempt -> now - attempt.at() >= Limits.ATTEMPT_NANOS);
    String id = request.receiveRequestAttemptId();
    QueueState.Attempt attempt = id == null ? null : queue.attempts.get(id);
    if (attempt == null) {
      return List.of();
    }
    List<StoredMessage> messages =
        attempt.receipts().stream()
            .map(receipt -> queue.backlog.find(receipt.messageId()))
            .filter(Objects::nonNull)
            .toList();
    boolean untouched =
        messages.size() == attempt.receipts().size()
            && attempt.receipts().stream().allMatch(receipt -> isInFlight(queue, receipt));
    return untouched ? messages : List.of();
  }

  static void remember(
      QueueState queue, ReceiveMessageRequest request, List<StoredMessage> messages, long now) {
    String id = request.receiveRequestAttemptId();
    if (id != null && !messages.isEmpty()) {
      List<Receipt> receipts =
          messages.stream()
              .map(message -> new Receipt(queue.name, message.id, message.receipt))
              .toList();
      queue.attempts.put(id, new QueueState.Attempt(now, receipts));
    }
  }

  /** Forgets the attempts that a message belongs to, since it was changed. */
  static void forget(QueueState queue, StoredMessage message) {
    queue
        .attempts
        .values()
        .removeIf(
            attempt ->
                attempt.receipts().stream()
                    .anyMatch(receipt -> receipt.messageId().equals(message.id)));
  }

  private static boolean isInFlight(QueueState queue, Receipt receipt) {
    StoredMessage message = queue.backlog.find(receipt.messageId());
    return message != null && message.inFlight && message.receipt == receipt.number();
  }
}
