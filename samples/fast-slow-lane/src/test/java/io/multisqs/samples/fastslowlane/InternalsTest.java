package io.multisqs.samples.fastslowlane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Who may not name an internal package does not, in any source of this repository, tests included:
 * samples, benchmarks and testkit see what a user sees. The library's own tests check its classes.
 */
final class InternalsTest {
  private static final Path ROOT = Path.of("..", "..");

  private static final Pattern LISTENERS = Pattern.compile("\\bio\\.multisqs\\.internal\\b");
  private static final Pattern TESTKITS =
      Pattern.compile("\\bio\\.multisqs\\.testkit\\.internal\\b");

  /** JMH measures parts that no user sees. */
  private static final Path MEASURED = Path.of("lib", "benchmarks", "src", "jmh");

  private record Use(Path file, String what) {}

  @Test
  void nobodyElseNamesTheListenersInternals() throws IOException {
    assertThat(uses(LISTENERS, "samples")).isEmpty();
    assertThat(uses(LISTENERS, "lib/testkit")).isEmpty();
    assertThat(uses(LISTENERS, "lib/benchmarks")).isEmpty();
  }

  @Test
  void nobodyElseNamesTheTestkitsInternals() throws IOException {
    assertThat(uses(TESTKITS, "samples")).isEmpty();
    assertThat(uses(TESTKITS, "lib/listener")).isEmpty();
    assertThat(uses(TESTKITS, "lib/benchmarks")).isEmpty();
  }

  @Test
  void theScanSeesWhatIsThere() throws IOException {
    assertThat(uses(LISTENERS, "lib/listener")).hasSizeGreaterThan(20);
    assertThat(uses(TESTKITS, "lib/testkit")).hasSizeGreaterThan(20);
  }

  private static List<Use> uses(Pattern what, String folder) throws IOException {
    List<Use> uses = new ArrayList<>();
    for (Path file : sources(ROOT.resolve(folder))) {
      Matcher use = what.matcher(Files.readString(file));
      if (use.find()) {
        uses.add(new Use(file, use.group()));
      }
    }
    return uses;
  }

  private static List<Path> sources(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.startsWith(ROOT.resolve(MEASURED)))
          // What a build generates is no source.
          .filter(file -> Stream.of(file.toString().split("[/\\\\]")).noneMatch("target"::equals))
          .toList();
    }
  }
}
