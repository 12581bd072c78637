package io.multisqs.samples.fastslowlane;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ReadmeTest {
  private static final Path ROOT = Path.of("..", "..");
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void everyPieceOfJavaInTheReadmeStandsInASourceThatCompiles() throws IOException {
    List<String> sources = sources();
    List<String> pieces =
        JAVA.matcher(Files.readString(ROOT.resolve("README.md")))
            .results()
            .map((MatchResult match) -> lines(match.group(1)))
            .toList();
    assertThat(pieces).isNotEmpty();
    assertThat(pieces)
        .allSatisfy(piece -> assertThat(sources).anyMatch(source -> source.contains(piece)));
  }

  private static List<String> sources() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve("samples"))) {
      return files.filter(f -> f.toString().endsWith(".java")).map(ReadmeTest::source).toList();
    }
  }

  private static String source(Path file) {
    try {
      return lines(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without indentation, which depends on where a piece stands. */
  private static String lines(String text) {
    return text.lines().map(String::strip).collect(joining("\n"));
  }
}
