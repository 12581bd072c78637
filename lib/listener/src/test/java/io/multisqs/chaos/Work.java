package io.multisqs.chaos;

import io.multisqs.testkit.LocalSqs;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** A queue, the numbers that are sent to it, and what is left of them. Around any proxy. */
record Work(LocalSqs sqs, String url, int groups) {

  /** Sends the numbers from one, to before another; with groups to group {@code n % groups}. */
  void send(int first, int end) {
    for (int from = first; from < end; from += 10) {
      List<SendMessageBatchRequestEntry> entries = new ArrayList<>(10);
      for (int n = from; n < Math.min(from + 10, end); n++) {
        SendMessageBatchRequestEntry.Builder entry =
            SendMessageBatchRequestEntry.builder().id("m" + n).messageBody("" + n);
        if (groups > 0) {
          entry.messageGroupId("group-" + n % groups).messageDeduplicationId("d" + n);
        }
        entries.add(entry.build());
      }
      var answer = sqs.client().sendMessageBatch(r -> r.queueUrl(url).entries(entries));
      if (!answer.failed().isEmpty()) {
        throw new IllegalStateException("not sent: " + answer.failed());
      }
    }
  }

  /** Messages in the queue: visible, in flight, delayed. */
  int left() {
    return sqs
        .client()
        .getQueueAttributes(
            r ->
                r.queueUrl(url)
                    .attributeNames(
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
        .attributes()
        .values()
        .stream()
        .mapToInt(Integer::parseInt)
        .sum();
  }

  /** Messages that a receive would be given now. */
  int visible() {
    return Integer.parseInt(
        sqs.client()
            .getQueueAttributes(
                r ->
                    r.queueUrl(url)
                        .attributeNames(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES))
            .attributes()
            .get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES));
  }

  boolean isEmpty() {
    return left() == 0;
  }
}
