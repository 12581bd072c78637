package io.multisqs.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The versions of what is measured: this library's as it was built, the others' by their jars. */
final class Versions {
  private static final String OWN = "multi-sqs-listener";
  private static final String SDK = "sqs";
  private static final Pattern JAR =
      Pattern.compile("([a-z0-9-]+?)(?:_[0-9.]+)?-([0-9][0-9A-Za-z.-]*)\\.jar");

  private static final List<String> NAMED =
      List.of(
          OWN,
          SDK,
          "url-connection-client",
          "apache-client",
          "httpclient",
          "apache5-client",
          "httpclient5",
          "netty-nio-client",
          "netty-codec-http",
          "aws-crt-client",
          "aws-crt",
          "spring-cloud-aws-sqs",
          "java-dynamic-sqs-listener-core",
          "amazon-sqs-java-messaging-lib",
          "elasticmq-rest-sqs");

  /** What the names of consumers that are made of a library begin with. */
  private static final Map<String, String> CONSUMERS =
      Map.of(
          OWN,
          "multisqs",
          "spring-cloud-aws-sqs",
          "spring",
          "java-dynamic-sqs-listener-core",
          "dynamic",
          "amazon-sqs-java-messaging-lib",
          "jms");

  private final Map<String, String> found = new LinkedHashMap<>();

  private Versions(String own, Map<String, String> jars) {
    for (String name : NAMED) {
      String version = name.equals(OWN) ? own : jars.get(name);
      if (version != null) {
        found.put(name, version);
      }
    }
  }

  /** Of this build, with what is on a class path. */
  static Versions on(String classPath) {
    try (InputStream version = Versions.class.getResourceAsStream("version.txt")) {
      String own =
          version == null
              ? "unknown"
              : new String(version.readAllBytes(), StandardCharsets.UTF_8).strip();
      return on(own, classPath);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Versions on(String own, String classPath) {
    Map<String, String> jars = new LinkedHashMap<>();
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      Matcher jar = JAR.matcher(Path.of(entry).getFileName() + "");
      if (jar.matches()) {
        jars.put(jar.group(1), jar.group(2));
      }
    }
    return new Versions(own, jars);
  }

  /** A library's version behind some text, or nothing if it is not there. */
  String after(String text, String library) {
    String version = found.get(library);
    return version == null ? "" : text + version;
  }

  /** Those that consumers in a chart are made of, by their short names, and the SDK's. */
  String of(Collection<String> consumers) {
    List<String> of = new ArrayList<>();
    found.forEach(
        (library, version) -> {
          String name = library.equals(SDK) ? SDK : CONSUMERS.get(library);
          if (name != null
              && (library.equals(SDK) || consumers.stream().anyMatch(c -> c.startsWith(name)))) {
            of.add(name + " " + version);
          }
        });
    return String.join(", ", of);
  }

  /** All of them. */
  @Override
  public String toString() {
    return found.entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }
}
