package io.multisqs.broadcast;

import java.util.List;

/**
 * What a sweep did, or would do.
 *
 * @param dryRun whether nothing was really done
 * @param queues every queue whose name starts with the prefix, by name
 */
public record SweepResult(boolean dryRun, List<SweptQueue> queues) {

  /**
   * Copies the list.
   *
   * @param dryRun see above
   * @param queues see above
   */
  public SweepResult {
    queues = List.copyOf(queues);
  }

  /** What becomes of a queue. */
  public enum Outcome {
    /** Unsubscribed and deleted; in a dry run, it would be. */
    REMOVED,
    /** Left alone, since it is in use, or not this library's. */
    KEPT,
    /** Gone by itself meanwhile: closed by its owner, or removed by another sweep. */
    GONE,
    /** It should be removed, but SQS or SNS refused; the next sweep tries again. */
    FAILED
  }

  /**
   * One queue.
   *
   * @param name its name
   * @param outcome what becomes of it
   * @param reason why
   */
  public record SweptQueue(String name, Outcome outcome, String reason) {}

  /**
   * The queues with one outcome.
   *
   * @param outcome which
   * @return their names, in order
   */
  public List<String> names(Outcome outcome) {
    return queues.stream().filter(q -> q.outcome == outcome).map(SweptQueue::name).toList();
  }

  /**
   * For people.
   *
   * @return a line for each queue
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(dryRun ? "dry run of a sweep" : "sweep");
    text.append(": ").append(queues.size()).append(" queues");
    for (SweptQueue queue : queues) {
      String did =
          switch (queue.outcome) {
            case REMOVED -> dryRun ? "would remove" : "removed";
            case KEPT -> dryRun ? "would keep" : "kept";
            case GONE -> "gone";
            case FAILED -> "failed";
          };
      text.append("\n  ").append(did).append(' ').append(queue.name).append(": ");
      text.append(queue.reason);
    }
    return text.toString();
  }
}
