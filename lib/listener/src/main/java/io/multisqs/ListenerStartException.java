package io.multisqs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A start that was refused; names every problem of every queue at once. */
public final class ListenerStartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** All that were found. */
  private final Problem[] problems;

  /**
   * One problem.
   *
   * @param queue the queue as it was configured
   * @param region the region it was looked for in
   * @param problem what is wrong
   * @param remedy what to do about it
   * @param detail what the SDK or SQS said, word for word; empty if nothing
   * @serial exclude
   */
  @SuppressWarnings("InvalidBlockTag") // @serial exclude is for classes, and a record is one
  public record Problem(String queue, String region, String problem, String remedy, String detail)
      implements java.io.Serializable {
    /**
     * A problem that neither the SDK nor SQS said anything about.
     *
     * @param queue the queue as it was configured
     * @param region the region it was looked for in
     * @param problem what is wrong
     * @param remedy what to do about it
     */
    public Problem(String queue, String region, String problem, String remedy) {
      this(queue, region, problem, remedy, "");
    }

    @Override
    public String toString() {
      return text("queue " + queue);
    }

    private String text(String queues) {
      String said = detail.isEmpty() ? "" : "; said: " + detail;
      return queues + " in " + region + ": " + problem + "; " + remedy + said;
    }
  }

  /**
   * Refuses a start.
   *
   * @param problems all that were found, at least one
   */
  public ListenerStartException(List<Problem> problems) {
    super(text(problems));
    this.problems = problems.toArray(new Problem[0]);
  }

  private static String text(List<Problem> problems) {
    // The same problem of many queues is said once; what the SDK said may differ by an id.
    Map<List<String>, List<Problem>> equal = new LinkedHashMap<>();
    for (Problem p : problems) {
      equal.computeIfAbsent(List.of(p.region, p.problem, p.remedy), k -> new ArrayList<>(1)).add(p);
    }
    return equal.values().stream()
        .map(of -> "\n  - " + of.get(0).text(queues(of)))
        .collect(
            Collectors.joining(
                "",
                "the listener does not start, nothing was received; "
                    + problems.size()
                    + (problems.size() == 1 ? " problem:" : " problems:"),
                ""));
  }

  private static String queues(List<Problem> problems) {
    return problems.stream()
        .map(Problem::queue)
        .collect(Collectors.joining(", ", problems.size() == 1 ? "queue " : "queues ", ""));
  }

  /**
   * Every problem found.
   *
   * @return in the order of the queues
   */
  public List<Problem> problems() {
    return List.of(problems);
  }
}
