package io.multisqs;

import java.util.List;
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
   * @serial exclude
   */
  @SuppressWarnings("InvalidBlockTag") // @serial exclude is for classes, and a record is one
  public record Problem(String queue, String region, String problem, String remedy)
      implements java.io.Serializable {
    @Override
    public String toString() {
      return "queue " + queue + " in " + region + ": " + problem + "; " + remedy;
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
    return problems.stream()
        .map(p -> "\n  - " + p)
        .collect(
            Collectors.joining(
                "",
                "the listener does not start, nothing was received; "
                    + problems.size()
                    + (problems.size() == 1 ? " problem:" : " problems:"),
                ""));
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
