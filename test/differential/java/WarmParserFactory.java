// Parsers that read the schema of changelogs once and not once for each file: an eighth of the original's time otherwise.
// They validate as before. Named by -Djavax.xml.parsers.SAXParserFactory; the pool is a class of the JDK that has to be exported.

import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParser;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.SAXException;
import org.xml.sax.SAXNotRecognizedException;
import org.xml.sax.SAXNotSupportedException;

public class WarmParserFactory extends SAXParserFactory {
  private static final String PROPERTY = "http://apache.org/xml/properties/internal/grammar-pool";
  private static final Object POOL = makePool();

  private final SAXParserFactory plain = SAXParserFactory.newDefaultInstance();

  private static Object makePool() {
    try {
      Class<?> type = Class.forName("com.sun.org.apache.xerces.internal.util.XMLGrammarPoolImpl");
      return type.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException problem) {
      throw new IllegalStateException(problem);
    }
  }

  @Override
  public SAXParser newSAXParser() throws ParserConfigurationException, SAXException {
    plain.setNamespaceAware(isNamespaceAware());
    plain.setValidating(isValidating());
    plain.setXIncludeAware(isXIncludeAware());
    SAXParser parser = plain.newSAXParser();
    if (isValidating()) parser.setProperty(PROPERTY, POOL);
    return parser;
  }

  @Override
  public boolean isXIncludeAware() {
    return plain.isXIncludeAware();
  }

  @Override
  public void setFeature(String name, boolean value)
      throws ParserConfigurationException, SAXNotRecognizedException, SAXNotSupportedException {
    plain.setFeature(name, value);
  }

  @Override
  public boolean getFeature(String name)
      throws ParserConfigurationException, SAXNotRecognizedException, SAXNotSupportedException {
    return plain.getFeature(name);
  }
}
