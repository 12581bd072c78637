package io.multisqs.internal;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Which version of the library this is, for the log. */
final class Version {
  private static final String WRITTEN_BY_MAVEN =
      "/META-INF/maven/io.multisqs/multi-sqs-listener/pom.properties";

  private Version() {}

  /** The version in the library's jar; "(version unknown)" where that was unpacked or repacked. */
  static String ofThisLibrary() {
    try (InputStream in = Version.class.getResourceAsStream(WRITTEN_BY_MAVEN)) {
      if (in != null) {
        Properties properties = new Properties();
        properties.load(in);
        return properties.getProperty("version", "(version unknown)");
      }
    } catch (IOException | IllegalArgumentException e) {
      // Of no importance: the line goes without it.
    }
    return "(version unknown)";
  }
}
