package io.multisqs.benchmarks;

import io.multisqs.benchmarks.harness.Figures;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a consumer did not do of a phase that it finished; its figures are of other work then. */
enum Shortfall {
  /** A burst was not handled within its window, and no further one was sent. */
  BURSTS("†", "not every burst was handled in time"),

  /** Of a backlog, a part was not handled, or handled and not deleted. */
  LEFT("‡", "not every message was handled and deleted in time"),

  /** The phase before was not over. */
  DRAIN("§", "still at work on the phase before when this one began");

  private final String mark;
  private final String meaning;

  Shortfall(String mark, String meaning) {
    this.mark = mark;
    this.meaning = meaning;
  }

  /** A consumer's name, with a mark for each. */
  static String marked(String consumer, Set<Shortfall> shortfalls) {
    StringBuilder name = new StringBuilder(consumer);
    shortfalls.forEach(shortfall -> name.append(' ').append(shortfall.mark));
    return name.toString();
  }

  /** What its mark stands for. */
  String legend() {
    return mark + " " + meaning;
  }

  /** What shows in any of the rounds. */
  static Set<Shortfall> of(List<Figures> rounds) {
    Set<Shortfall> all = EnumSet.allOf(Shortfall.class);
    all.removeIf(shortfall -> !shortfall.in(rounds));
    return all;
  }

  /** Whether it shows in any of the rounds; a figure that is not there shows nothing. */
  boolean in(List<Figures> rounds) {
    return rounds.stream().anyMatch(this::in);
  }

  private boolean in(Figures round) {
    return switch (this) {
      case BURSTS -> round.get("burstsDone") < round.get("bursts");
      case LEFT ->
          round.get("deleted") < round.get("expected")
              || round.get("handled") < round.get("expected");
      case DRAIN -> round.get("drained") < 1;
    };
  }
}
