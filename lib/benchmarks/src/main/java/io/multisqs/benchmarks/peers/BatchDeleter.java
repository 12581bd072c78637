package io.multisqs.benchmarks.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;

/**
 * Deletes up to ten at a time on threads of its own, one of which waits a little for a batch to
 * fill: if all did, each would get a part of what could be one batch.
 */
final class BatchDeleter {
  private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final SqsClient sqs;
  private final String url;
  private final LinkedBlockingQueue<String> handles = new LinkedBlockingQueue<>();
  private final ReentrantLock collecting = new ReentrantLock();

  BatchDeleter(SqsClient sqs, String url, int threads, Loops loops) {
    this.sqs = sqs;
    this.url = url;
    for (int i = 0; i < threads; i++) {
      loops.start("delete-" + i, this::step);
    }
  }

  void delete(String receiptHandle) {
    handles.add(receiptHandle);
  }

  private void step() throws InterruptedException {
    List<String> batch;
    collecting.lockInterruptibly();
    try {
      batch = collect();
    } finally {
      collecting.unlock();
    }
    List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>(batch.size());
    for (String handle : batch) {
      entries.add(
          DeleteMessageBatchRequestEntry.builder()
              .id(Integer.toString(entries.size()))
              .receiptHandle(handle)
              .build());
    }
    sqs.deleteMessageBatch(r -> r.queueUrl(url).entries(entries));
  }

  private List<String> collect() throws InterruptedException {
    List<String> batch = new ArrayList<>(10);
    batch.add(handles.take());
    handles.drainTo(batch, 9);
    long end = System.nanoTime() + LINGER_NANOS;
    while (batch.size() < 10) {
      String next = handles.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (next == null) {
        break;
      }
      batch.add(next);
      handles.drainTo(batch, 10 - batch.size());
    }
    return batch;
  }
}
