package io.multisqs.samples.broadcast;

import java.util.List;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** The work: numbered jobs. */
final class Jobs {
  private Jobs() {}

  static List<SendMessageBatchRequestEntry> from(int first, int last) {
    return IntStream.rangeClosed(first, last)
        .mapToObj(
            n ->
                SendMessageBatchRequestEntry.builder()
                    .id(String.valueOf(n))
                    .messageBody("job " + n)
                    .build())
        .toList();
  }
}
