package io.multisqs.testkit.internal;

import io.multisqs.testkit.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.SqsException;

/**
 * What became of the entries of a batch.
 *
 * @param successful the results of those that succeeded
 * @param failed the others
 * @param <R> the type of a result
 */
record Batch<R>(List<R> successful, List<BatchResultErrorEntry> failed) {

  /** Runs each entry on its own; one that throws fails alone. */
  static <E, R> Batch<R> run(
      List<E> entries, Function<E, String> id, @Nullable Fault fault, Function<E, R> action) {
    Limits.checkBatch(entries.stream().map(id).toList());
    Batch<R> batch = new Batch<>(new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < entries.size(); i++) {
      E entry = entries.get(i);
      try {
        if (fault != null && fault.failsEntry(i)) {
          throw SqsErrors.internalError();
        }
        batch.successful.add(action.apply(entry));
      } catch (SqsException e) {
        batch.failed.add(
            BatchResultErrorEntry.builder()
                .id(id.apply(entry))
                .code(e.awsErrorDetails().errorCode())
                .message(e.awsErrorDetails().errorMessage())
                .senderFault(e.statusCode() < 500)
                .build());
      }
    }
    return batch;
  }

  <T> Answer<T> answer(T response) {
    return new Answer<>(response, successful.size(), 0);
  }
}
