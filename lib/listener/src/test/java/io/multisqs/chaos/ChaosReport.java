package io.multisqs.chaos;

import io.multisqs.StopAccount;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a run showed.
 *
 * @param plan what was run
 * @param took how long
 * @param faults how many of each kind
 * @param handledTwice messages whose handler returned and that were started again, with why
 * @param deadLettered messages in the dead-letter queue
 * @param accounts the listeners' own
 * @param problems promises that were not kept
 */
record ChaosReport(
    ChaosPlan plan,
    Duration took,
    Map<FaultKind, Long> faults,
    Map<Integer, List<String>> handledTwice,
    int deadLettered,
    List<StopAccount> accounts,
    List<String> problems) {

  @Override
  public String toString() {
    long all = faults.values().stream().mapToLong(Long::longValue).sum();
    StringBuilder text = new StringBuilder(1_000);
    text.append("chaos: ")
        .append(plan)
        .append("\n  took ")
        .append(took.toMillis())
        .append(" ms; sent ")
        .append(plan.messages())
        .append(", handled or dead-lettered (")
        .append(deadLettered)
        .append("); handled twice ")
        .append(handledTwice.size())
        .append(", broken promises ")
        .append(problems.size())
        .append("\n  faults ")
        .append(all)
        .append(": ")
        .append(faults);
    accounts.forEach(account -> text.append("\n  account: ").append(account));
    handledTwice.forEach(
        (n, why) -> text.append("\n  twice: ").append(n).append(" after ").append(why));
    problems.stream().limit(20).forEach(p -> text.append("\n  BROKEN: ").append(p));
    return text.toString();
  }
}
