package io.multisqs.benchmarks.peers;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * Priorities by hand: receiving threads and a small buffer for each queue, and workers that always
 * take from the most urgent buffer that has something. A queue is not asked while its buffer is
 * full, nor while a more urgent one has messages.
 */
final class RawStrict implements Consumer {
  private record Held(int lane, Message message) {}

  private final Setup setup;
  private final SqsClient sqs;
  private final Loops loops = new Loops();
  private final List<BatchDeleter> deleters = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Deque<Held>> buffers = new ArrayList<>(); // guarded by lock
  private final int[] wanted; // messages asked for and not yet answered, by lane; guarded by lock

  /** Messages kept ready or under way beyond one a worker: what all receivers can be answered. */
  private final int spare;

  RawStrict(Setup setup) {
    this.setup = setup;
    int queues = setup.queues().size();
    wanted = new int[queues];
    // Two slots with handlers of 5 ms take 400 messages a second. A receiver at 15 ms brings 667,
    // and a deleter takes away as many, so that one of each for two slots leaves the slots no gap.
    int receivers = Math.max(2, setup.concurrency() / 2);
    spare = 10 * receivers;
    sqs = Http.APACHE5.sync(setup, 2 * receivers * queues);
    for (int lane = 0; lane < queues; lane++) {
      buffers.add(new ArrayDeque<>());
      deleters.add(new BatchDeleter(sqs, setup.url(lane), receivers, loops));
    }
    for (int lane = 0; lane < queues; lane++) {
      int queue = lane;
      for (int i = 0; i < receivers; i++) {
        loops.start("receive-" + lane, () -> receive(queue));
      }
    }
    for (int i = 0; i < setup.concurrency(); i++) {
      loops.start("work-" + i, this::work);
    }
  }

  private void receive(int lane) throws InterruptedException {
    lock.lock();
    try {
      while (buffers.get(lane).size() + wanted[lane] + 10 > setup.concurrency() + spare
          || moreUrgentThan(lane)) {
        changed.await();
      }
      wanted[lane] += 10;
    } finally {
      lock.unlock();
    }
    List<Message> messages = List.of();
    try {
      messages =
          sqs.receiveMessage(
                  r -> r.queueUrl(setup.url(lane)).maxNumberOfMessages(10).waitTimeSeconds(20))
              .messages();
    } finally {
      lock.lock();
      try {
        wanted[lane] -= 10;
        for (Message message : messages) {
          buffers.get(lane).add(new Held(lane, message));
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean moreUrgentThan(int lane) {
    for (int other = lane + 1; other < buffers.size(); other++) {
      if (!buffers.get(other).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private void work() throws InterruptedException {
    Held next = take();
    setup.handler().handle(next.lane(), next.message().body());
    deleters.get(next.lane()).delete(next.message().receiptHandle());
  }

  private Held take() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        for (int lane = buffers.size() - 1; lane >= 0; lane--) {
          Held held = buffers.get(lane).poll();
          if (held != null) {
            changed.signalAll();
            return held;
          }
        }
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    loops.close();
    sqs.close();
  }
}
