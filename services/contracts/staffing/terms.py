"""The closed vocabularies of staffing."""

from services.contracts.base import Term


class CommunityGrade(Term):
    """Grades of the city's report: 示范, 精品, 达标."""

    DEMONSTRATION = "demonstration", "示范"
    BOUTIQUE = "boutique", "精品"
    STANDARD = "standard", "达标"


class Post(Term):
    DIRECTOR = "director", "书记/主任"
    DEPUTY = "deputy", "副主任"
    WORKER = "worker", "社区工作者"
    GRID_WORKER = "grid_worker", "网格员"
